import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

/** All page state in the address is plain text: ?unit=…&sort=-revenue. */
export type Search = Record<string, string | undefined>;

export function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== "") out.set(key, String(value));
  }
  const text = out.toString();
  return text ? `?${text}` : "";
}

/** The page's state in the address, and a way to change some of it. */
export function useSearchState(): [Search, (change: Search, push?: boolean) => void] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const change = useCallback(
    (next: Search, push = false) => {
      void navigate({
        to: ".",
        search: (old: Search) => ({ ...old, ...next }),
        replace: !push,
        resetScroll: false,
      } as Parameters<typeof navigate>[0]);
    },
    [navigate],
  );
  return [search, change];
}
