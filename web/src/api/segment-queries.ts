/** What the pages of segments ask, as TanStack Query options. */
import { queryOptions } from "@tanstack/react-query";
import { api, ask, askTagged } from "./client";
import { list } from "./list";

const minute = 60_000;

/** The shared segments and one's own. */
export const segmentsQuery = queryOptions({
  queryKey: ["segments", "list"],
  queryFn: async () => (await ask(api.GET("/segments"))).items,
  staleTime: minute,
});

export const segmentQuery = (id: string) =>
  queryOptions({
    queryKey: ["segments", "one", id],
    queryFn: () => askTagged(api.GET("/segments/{id}", { params: { path: { id } } })),
    retry: false,
  });

/** The size over time: asked again while it is being worked out. */
export const segmentHistoryQuery = (id: string) =>
  queryOptions({
    queryKey: ["segments", "history", id],
    queryFn: () => ask(api.GET("/segments/{id}/history", { params: { path: { id } } })),
    refetchInterval: (query) => (query.state.data?.pending ? 1500 : false),
  });

export const segmentMovesQuery = (id: string, as_of: string, entered: boolean) =>
  list(["segments", "moves", id, as_of, entered], (cursor) =>
    ask(api.GET("/segments/{id}/moves", { params: { path: { id }, query: { as_of, entered, cursor, limit: 50 } } })),
  );

export const segmentsOfQuery = (customer_id: string) =>
  queryOptions({
    queryKey: ["segments", "of", customer_id],
    queryFn: async () => (await ask(api.GET("/customers/{customer_id}/segments", { params: { path: { customer_id } } }))).items,
  });
