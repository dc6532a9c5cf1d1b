import { infiniteQueryOptions } from "@tanstack/react-query";
import type { Page } from "./types";

/** Options of a keyset list: pages are asked one after the other by cursor. */
export function list<T>(key: readonly unknown[], fetchPage: (cursor: string | undefined) => Promise<Page<T>>) {
  return infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam }) => fetchPage(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<T>) => page.next || undefined,
  });
}

/** All pages of a list that is not too long (people), at most `most` pages. */
export async function all<T>(fetchPage: (cursor: string | undefined) => Promise<Page<T>>, most = 20): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let i = 0; i < most; i++) {
    const page = await fetchPage(cursor);
    items.push(...page.items);
    if (!page.next) break;
    cursor = page.next;
  }
  return items;
}
