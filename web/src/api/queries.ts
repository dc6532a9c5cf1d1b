/** What the pages ask, as TanStack Query options: one place for keys and calls. */
import { queryOptions } from "@tanstack/react-query";
import { api, ask, askTagged, isRunning } from "./client";
import { all, list } from "./list";
import type { AnyMatrix, ComparisonFilter, LoyaltyFilter, MatrixFilter, MatrixListFilter, MatrixMoversFilter, MigrationFilter, Opportunity, Source, StatisticsFilter, VarianceCauseFilter, VarianceFilter, VisitFilter, WhatIfFilter } from "./types";

const minute = 60_000;

export const setupQuery = queryOptions({
  queryKey: ["setup"],
  queryFn: () => ask(api.GET("/setup")),
  staleTime: 0,
});

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: () => ask(api.GET("/session")),
  staleTime: 5 * minute,
  retry: false,
});

export const unitsQuery = queryOptions({
  queryKey: ["units"],
  queryFn: async () => (await ask(api.GET("/units"))).items,
  staleTime: minute,
});

export const peopleQuery = queryOptions({
  queryKey: ["people"],
  queryFn: () => all((cursor) => ask(api.GET("/people", { params: { query: { cursor, limit: 500 } } }))),
  staleTime: minute,
});

export const facetsQuery = queryOptions({
  queryKey: ["customers", "facets"],
  queryFn: () => ask(api.GET("/customers/facets")),
  staleTime: minute,
});

export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: () => askTagged(api.GET("/settings")),
});

export const definitionQuery = queryOptions({
  queryKey: ["matrix", "definition"],
  queryFn: () => askTagged(api.GET("/matrix/definition")),
});

export const versionsQuery = queryOptions({
  queryKey: ["matrix", "versions"],
  queryFn: () => ask(api.GET("/matrix/versions")),
  staleTime: minute,
});

export const matrixQuery = (filter: MatrixFilter) =>
  queryOptions({
    queryKey: ["matrix", "cells", filter],
    queryFn: () => ask(api.GET("/matrix", { params: { query: filter } })),
    retry: false,
  });

export const matricesQuery = queryOptions({
  queryKey: ["matrix", "matrices"],
  queryFn: async () => (await ask(api.GET("/matrices"))).items,
  staleTime: minute,
});

export const statisticsQuery = (filter: StatisticsFilter) =>
  queryOptions({
    queryKey: ["matrix", "statistics", filter],
    queryFn: () => ask(api.GET("/matrix/statistics", { params: { query: filter } })),
    retry: false,
  });

/** The scored dates and the years with a budget: the scenarios between which customers migrate. */
export const scenariosQuery = queryOptions({
  queryKey: ["matrix", "scenarios"],
  queryFn: () => ask(api.GET("/matrix/scenarios")),
});

export const migrationQuery = (filter: MigrationFilter) =>
  queryOptions({
    queryKey: ["matrix", "migration", filter],
    queryFn: () => ask(api.GET("/matrix/migration", { params: { query: filter } })),
    retry: false,
  });

export const matrixMoversQuery = (filter: MatrixMoversFilter) =>
  list(["matrix", "movers", filter], (cursor) => ask(api.GET("/matrix/movers", { params: { query: { ...filter, cursor, limit: 50 } } })));

export const comparisonQuery = (filter: ComparisonFilter) =>
  queryOptions({
    queryKey: ["matrix", "comparison", filter],
    queryFn: () => ask(api.GET("/matrix/comparison", { params: { query: filter } })),
    retry: false,
  });

export const budgetQuery = (filter: VarianceFilter) =>
  queryOptions({
    queryKey: ["budget", "report", filter],
    queryFn: () => ask(api.GET("/budget", { params: { query: filter } })),
    retry: false,
  });

export const causesQuery = (filter: VarianceCauseFilter) =>
  list(["budget", "causes", filter], (cursor) => ask(api.GET("/budget/causes", { params: { query: { ...filter, cursor, limit: 50 } } })));

export const visitsQuery = (filter: VisitFilter) =>
  queryOptions({
    queryKey: ["matrix", "visits", filter],
    queryFn: () => ask(api.GET("/matrix/visits", { params: { query: filter } })),
    retry: false,
  });

export const whatIfQuery = (filter: WhatIfFilter) =>
  queryOptions({
    queryKey: ["matrix", "what-if", filter],
    queryFn: () => ask(api.GET("/matrix/what-if", { params: { query: filter } })),
    retry: false,
  });

export const visitDefinitionQuery = queryOptions({
  queryKey: ["visits", "definition"],
  queryFn: () => askTagged(api.GET("/visits/definition")),
});

export const matrixPreviewQuery = (draft: AnyMatrix) =>
  queryOptions({
    queryKey: ["matrix", "preview", draft],
    queryFn: () => ask(api.POST("/matrices/preview", { body: draft })),
    retry: false,
  });

export const matrixCustomersQuery = (filter: MatrixListFilter) =>
  list(["matrix", "customers", filter], (cursor) =>
    ask(api.GET("/matrix/customers", { params: { query: { ...filter, cursor, limit: 50 } } })),
  );

/** The ids of a list, one more than may be invited at once at most, so that the server says when they are too many. */
export async function matrixCustomerIds(filter: MatrixListFilter): Promise<string[]> {
  const rows = await all((cursor) => ask(api.GET("/matrix/customers", { params: { query: { ...filter, columns: undefined, cursor, limit: 500 } } })), 11);
  return rows.slice(0, 5001).map((r) => r.id);
}

export const customersQuery = (filter: { q?: string; unit?: string; owner?: string; industry?: string; country?: string; sort?: string }) =>
  list(["customers", "list", filter], (cursor) =>
    ask(api.GET("/customers", { params: { query: { ...filter, cursor, limit: 50 } } })),
  );

export const customerQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", "one", id],
    queryFn: () => ask(api.GET("/customers/{id}", { params: { path: { id } } })),
  });

export const placeQuery = (id: string, as_of?: string) =>
  queryOptions({
    queryKey: ["matrix", "place", id, as_of],
    queryFn: () => ask(api.GET("/matrix/places/{customer_id}", { params: { path: { customer_id: id }, query: { as_of } } })),
    retry: false,
  });

export const placeOthersQuery = (id: string, as_of?: string) =>
  queryOptions({
    queryKey: ["matrix", "others", id, as_of],
    queryFn: async () => (await ask(api.GET("/matrix/places/{customer_id}/others", { params: { path: { customer_id: id }, query: { as_of } } }))).items,
    retry: false,
  });

export const potentialsQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", "potentials", id],
    queryFn: async () => (await ask(api.GET("/customers/{id}/potentials", { params: { path: { id } } }))).items,
  });

/** What people said the customer will buy, in place of what the models expect. */
export const forecastsQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", "forecasts", id],
    queryFn: async () => (await ask(api.GET("/customers/{id}/forecasts", { params: { path: { id } } }))).items,
  });

export const ownersQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", "owners", id],
    queryFn: () => ask(api.GET("/customers/{id}/owners", { params: { path: { id } } })),
  });

export const revenueQuery = (id: string, as_of?: string) =>
  queryOptions({
    queryKey: ["customers", "revenue", id, as_of],
    queryFn: () => ask(api.GET("/customers/{id}/revenue", { params: { path: { id }, query: { as_of, months: 24 } } })),
  });

export const purchasesQuery = (id: string, between: { from?: string; to?: string } = {}) =>
  list(["customers", "purchases", id, between], (cursor) =>
    ask(api.GET("/customers/{id}/purchases", { params: { path: { id }, query: { ...between, cursor, limit: 25 } } })),
  );

/** What is computed of every customer, as of a computed date. */
export const measuresQuery = (as_of?: string) =>
  queryOptions({
    queryKey: ["measures", "list", as_of],
    queryFn: () => ask(api.GET("/measures", { params: { query: { as_of } } })),
    staleTime: minute,
    retry: false,
  });

export const sheetQuery = (id: string, as_of?: string) =>
  queryOptions({
    queryKey: ["measures", "sheet", id, as_of],
    queryFn: () => ask(api.GET("/customers/{id}/measures", { params: { path: { id }, query: { as_of } } })),
    retry: false,
  });

export const howQuery = (id: string, key: string, as_of?: string) =>
  queryOptions({
    queryKey: ["measures", "how", id, key, as_of],
    queryFn: () => ask(api.GET("/customers/{id}/measures/{key}", { params: { path: { id, key }, query: { as_of } } })),
    retry: false,
  });

export const rfmQuery = (as_of?: string) =>
  queryOptions({
    queryKey: ["rfm", "picture", as_of],
    queryFn: () => ask(api.GET("/rfm", { params: { query: { as_of } } })),
    retry: false,
  });

export const rfmDefinitionQuery = queryOptions({
  queryKey: ["rfm", "definition"],
  queryFn: () => askTagged(api.GET("/rfm/definition")),
});

export const scheduleQuery = queryOptions({
  queryKey: ["schedule"],
  queryFn: () => askTagged(api.GET("/scorings/schedule")),
});

export const lifetimeQuery = (as_of?: string) =>
  queryOptions({
    queryKey: ["lifetime", "picture", as_of],
    queryFn: () => ask(api.GET("/lifetime", { params: { query: { as_of } } })),
    retry: false,
  });

export const contractsQuery = (as_of: string | undefined, by: "all" | "industry" | "country") =>
  queryOptions({
    queryKey: ["contracts", "picture", as_of, by],
    queryFn: () => ask(api.GET("/contracts", { params: { query: { as_of, by } } })),
    retry: false,
  });

export const contractsDefinitionQuery = queryOptions({
  queryKey: ["contracts", "definition"],
  queryFn: () => askTagged(api.GET("/contracts/definition")),
});

export const lifetimeDefinitionQuery = queryOptions({
  queryKey: ["lifetime", "definition"],
  queryFn: () => askTagged(api.GET("/lifetime/definition")),
});

export const loyaltyQuery = (query: LoyaltyFilter) =>
  queryOptions({
    queryKey: ["loyalty", "picture", query],
    queryFn: () => ask(api.GET("/loyalty", { params: { query } })),
    retry: false,
  });

export const loyaltyDefinitionQuery = queryOptions({
  queryKey: ["loyalty", "definition"],
  queryFn: () => askTagged(api.GET("/loyalty/definition")),
});

type ProfitFilter = { unit?: string; owner?: string; industry?: string; country?: string };

export const profitQuery = (as_of?: string, filter: ProfitFilter = {}) =>
  queryOptions({
    queryKey: ["profit", "picture", as_of, filter],
    queryFn: () => ask(api.GET("/profit", { params: { query: { as_of, ...filter } } })),
    retry: false,
  });

export const profitDefinitionQuery = queryOptions({
  queryKey: ["profit", "definition"],
  queryFn: () => askTagged(api.GET("/profit/definition")),
});

export const opportunityQuery = (as_of: string, against: string, filter: ProfitFilter) =>
  queryOptions({
    queryKey: ["profit", "opportunity", as_of, against, filter],
    queryFn: () => ask(api.GET("/profit/opportunity", { params: { query: { as_of, against, ...filter } } })),
    retry: false,
  });

export const opportunityCustomersQuery = (as_of: string, against: string, of: Opportunity["cells"][number]["class"], state: "new" | "won_back" | "retained" | "lost" | "all", filter: ProfitFilter) =>
  queryOptions({
    queryKey: ["profit", "movers", as_of, against, of, state, filter],
    queryFn: () => ask(api.GET("/profit/opportunity/customers", { params: { query: { as_of, against, class: of, state, ...filter } } })),
    retry: false,
  });

export const profitGridQuery = (as_of: string, of: "best" | "worst" | "largest", filter: ProfitFilter, category?: string) =>
  queryOptions({
    queryKey: ["profit", "products", as_of, of, filter, category],
    queryFn: () => ask(api.GET("/profit/products", { params: { query: { as_of, of, category, ...filter } } })),
    retry: false,
  });

export const profitCardQuery = (customer_id: string, as_of?: string) =>
  queryOptions({
    queryKey: ["profit", "card", customer_id, as_of],
    queryFn: () => ask(api.GET("/profit/customers/{customer_id}", { params: { path: { customer_id }, query: { as_of } } })),
    retry: false,
  });

export const walletQuery = (as_of?: string) =>
  queryOptions({
    queryKey: ["wallet", "picture", as_of],
    queryFn: () => ask(api.GET("/wallet", { params: { query: { as_of } } })),
    retry: false,
  });

export const estimatedQuery = (as_of?: string) =>
  queryOptions({
    queryKey: ["wallet", "estimated", as_of],
    queryFn: () => ask(api.GET("/wallet/estimated", { params: { query: { as_of } } })),
    retry: false,
  });

export const walletCardQuery = (id: string, as_of?: string) =>
  queryOptions({
    queryKey: ["wallet", "card", id, as_of],
    queryFn: () => ask(api.GET("/customers/{id}/wallet", { params: { path: { id }, query: { as_of } } })),
    retry: false,
  });

export const walletDefinitionQuery = queryOptions({
  queryKey: ["wallet", "definition"],
  queryFn: () => askTagged(api.GET("/wallet/definition")),
});
export type PyramidFilter = { as_of?: string; measure?: string; by?: "customers" | "value"; unit?: string; owner?: string; industry?: string; country?: string };

export const pyramidQuery = (filter: PyramidFilter) =>
  queryOptions({
    queryKey: ["pyramid", "picture", filter],
    queryFn: () => ask(api.GET("/pyramid", { params: { query: filter } })),
    retry: false,
  });

export const pyramidHistoryQuery = (filter: Pick<PyramidFilter, "unit" | "owner" | "industry" | "country">) =>
  queryOptions({
    queryKey: ["pyramid", "history", filter],
    queryFn: () => ask(api.GET("/pyramid/history", { params: { query: filter } })),
  });

export const movementQuery = (filter: PyramidFilter & { then: string }) =>
  queryOptions({
    queryKey: ["pyramid", "movement", filter],
    queryFn: () => ask(api.GET("/pyramid/movement", { params: { query: filter } })),
    retry: false,
  });

export const moversQuery = (filter: PyramidFilter & { then: string; tier_then?: string; tier_now?: string; temper?: string }) =>
  list(["pyramid", "movers", filter], (cursor) =>
    ask(api.GET("/pyramid/movers", { params: { query: { ...filter, cursor, limit: 50 } } })),
  );

export const pyramidDefinitionQuery = queryOptions({
  queryKey: ["pyramid", "definition"],
  queryFn: () => askTagged(api.GET("/pyramid/definition")),
});

export const pyramidMeasuresQuery = queryOptions({
  queryKey: ["pyramid", "measures"],
  queryFn: async () => (await ask(api.GET("/pyramid/measures"))).items,
});

export const allocationSegmentsQuery = (by: string, as_of?: string) =>
  queryOptions({
    queryKey: ["allocation", "segments", by, as_of],
    queryFn: () => ask(api.GET("/allocation/segments", { params: { query: { by, as_of } } })),
    retry: false,
  });

export const loyaltyArithmeticQuery = (query: { by: string; as_of?: string; fewer: number; points: boolean }) =>
  queryOptions({
    queryKey: ["allocation", "loyalty", query],
    queryFn: () => ask(api.GET("/allocation/loyalty", { params: { query } })),
    retry: false,
  });

export const plansQuery = list(["plans", "list"], (cursor) =>
  ask(api.GET("/plans", { params: { query: { cursor, limit: 50 } } })),
);

export const goalsQuery = list(["goals", "list"], (cursor) => ask(api.GET("/goals", { params: { query: { cursor, limit: 50 } } })));

export const goalProgressQuery = (id: string) =>
  queryOptions({
    queryKey: ["goals", id, "progress"],
    queryFn: () => ask(api.GET("/goals/{id}/progress", { params: { path: { id } } })),
    retry: false,
  });

export const goalLaggingQuery = (id: string) =>
  queryOptions({
    queryKey: ["goals", id, "lagging"],
    queryFn: () => ask(api.GET("/goals/{id}/lagging", { params: { path: { id } } })),
    retry: false,
  });

export const areasQuery = queryOptions({
  queryKey: ["goals", "areas"],
  queryFn: () => askTagged(api.GET("/goals/areas")),
});

export const roadQuery = queryOptions({
  queryKey: ["road"],
  queryFn: async () => (await ask(api.GET("/road-map"))).items,
});

export const rulesQuery = queryOptions({
  queryKey: ["rules"],
  queryFn: () => askTagged(api.GET("/rules")),
});

export const interactionsQuery = (id: string) =>
  list(["customers", "interactions", id], (cursor) =>
    ask(api.GET("/customers/{id}/interactions", { params: { path: { id }, query: { cursor, limit: 20 } } })),
  );

export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ["jobs", "one", id],
    queryFn: () => ask(api.GET("/jobs/{id}", { params: { path: { id } } })),
    refetchInterval: (query) => (query.state.data && !isRunning(query.state.data) ? false : 500),
  });

export const jobsQuery = list(["jobs", "list"], (cursor) =>
  ask(api.GET("/jobs", { params: { query: { cursor, limit: 50 } } })),
);

/** The newest jobs for the tray: quick while something runs, slow otherwise. */
export const recentJobsQuery = queryOptions({
  queryKey: ["jobs", "recent"],
  queryFn: () => ask(api.GET("/jobs", { params: { query: { limit: 12 } } })),
  refetchInterval: (query) => (query.state.data?.items.some(isRunning) ? 1000 : 15_000),
});

export const qualityQuery = queryOptions({
  queryKey: ["quality", "report"],
  queryFn: () => ask(api.GET("/quality")),
  retry: false,
});

/** The latest data checks, for the trend. */
export const qualityRunsQuery = queryOptions({
  queryKey: ["quality", "runs"],
  queryFn: async () => (await ask(api.GET("/quality/runs", { params: { query: { limit: 60 } } }))).items,
});

export const qualityRowsQuery = (figure: { kind: string; finding: string; month?: string }) =>
  list(["quality", "rows", figure], (cursor) =>
    ask(api.GET("/quality/rows", { params: { query: { ...figure, cursor, limit: 50 } } })),
  );

export const importKindsQuery = queryOptions({
  queryKey: ["import-kinds"],
  queryFn: async () => (await ask(api.GET("/import-kinds"))) ?? [],
  staleTime: Infinity,
});

export const importsQuery = list(["imports", "list"], (cursor) =>
  ask(api.GET("/imports", { params: { query: { cursor, limit: 30 } } })),
);

export const importQuery = (id: string) =>
  queryOptions({
    queryKey: ["imports", "one", id],
    queryFn: () => ask(api.GET("/imports/{id}", { params: { path: { id } } })),
  });

/** What keeps an import from being undone. */
export const undoQuery = (id: string) =>
  queryOptions({
    queryKey: ["imports", "undo", id],
    queryFn: async () => (await ask(api.GET("/imports/{id}/undo", { params: { path: { id } } }))).blockers,
    gcTime: 0,
  });

/** The customers and products that an import made of their codes. */
export const stubsQuery = (id: string) =>
  queryOptions({
    queryKey: ["imports", "stubs", id],
    queryFn: async () => (await ask(api.GET("/imports/{id}/stubs", { params: { path: { id } } }))).items,
  });

export const rejectsQuery = (id: string) =>
  list(["imports", "rejects", id], (cursor) =>
    ask(api.GET("/imports/{id}/rejects", { params: { path: { id }, query: { cursor, limit: 50 } } })),
  );

const reading = (s: Source) => (s.feeds ?? []).some((f) => f.last_run && !f.last_run.ended_at);

/** The databases that are read: asked again while one is being read. */
export const sourcesQuery = queryOptions({
  queryKey: ["sources", "list"],
  queryFn: async () => (await ask(api.GET("/sources"))).items,
  refetchInterval: (query) => (query.state.data?.some(reading) ? 1500 : 30_000),
});

export const sourceRunsQuery = (source?: string) =>
  list(["sources", "runs", source], (cursor) =>
    ask(api.GET("/source-runs", { params: { query: { source, cursor, limit: 20 } } })),
  );

export const warehouseQuery = queryOptions({
  queryKey: ["warehouse"],
  queryFn: () => ask(api.GET("/warehouse")),
  refetchInterval: (query) => (query.state.data && query.state.data.state !== "ready" ? 1000 : 60_000),
});

/** How much of each thing is there; asked by those who may import. */
export const contentsQuery = queryOptions({
  queryKey: ["warehouse", "contents"],
  queryFn: async () => (await ask(api.GET("/warehouse/contents"))).items,
  staleTime: 5_000,
  retry: false,
});

/** The columns of a file that values are looked up in. */
export const fileColumnsQuery = (file_id: string) =>
  queryOptions({
    queryKey: ["files", "columns", file_id],
    queryFn: async () => (await ask(api.POST("/imports/preview", { body: { file_id } }))).columns.map((c) => c.name),
    staleTime: Infinity,
    retry: false,
  });

export const peopleListQuery = (filter: { q?: string; unit?: string }) =>
  list(["people", "list", filter], (cursor) =>
    ask(api.GET("/people", { params: { query: { ...filter, cursor, limit: 50 } } })),
  );

/** Where a unit hung, or a person sat, since when; the newest first. */
export const placesQuery = (of: "units" | "people", id: string) =>
  queryOptions({
    queryKey: [of, "places", id],
    queryFn: async () =>
      (await ask(of === "units" ? api.GET("/units/{id}/places", { params: { path: { id } } }) : api.GET("/people/{id}/places", { params: { path: { id } } }))).items,
  });

export const usersQuery = list(["users"], (cursor) =>
  ask(api.GET("/users", { params: { query: { cursor, limit: 50 } } })),
);

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: () => ask(api.GET("/tokens")),
});

export const changesQuery = (kind?: string, record_id?: string) =>
  list(["changes", kind, record_id], (cursor) =>
    ask(api.GET("/changes", { params: { query: { kind, record_id, cursor, limit: 50 } } })),
  );
