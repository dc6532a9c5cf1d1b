import { QueryCache, QueryClient } from "@tanstack/react-query";
import { problemOf } from "../api/problem";
import { warehouseQuery } from "../api/queries";
import { router } from "./router";

/**
 * The client's memory of answers. An answer 401 anywhere means: sign in again;
 * an answer that the warehouse is away means: ask how it is, and say so.
 */
export const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (cause) => {
      if (problemOf(cause).code.startsWith("warehouse.")) void queries.refetchQueries({ queryKey: warehouseQuery.queryKey, exact: true });
      if (problemOf(cause).status !== 401 || router.state.location.pathname === "/sign-in") return;
      const { href, pathname } = router.state.location;
      if (pathname === "/set-up") return;
      queries.removeQueries({ queryKey: ["session"] });
      void router.navigate({ to: "/sign-in", search: { next: href } as never });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      // A refusal does not change by asking again; a lost connection may.
      retry: (count, cause) => count < 2 && [0, 502, 503].includes(problemOf(cause).status),
    },
    mutations: { retry: false },
  },
});
