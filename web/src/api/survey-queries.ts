/** What the pages of surveys ask, as TanStack Query options. */
import { queryOptions } from "@tanstack/react-query";
import { api, ask, askTagged } from "./client";
import { list } from "./list";

export const surveysQuery = queryOptions({
  queryKey: ["surveys"],
  queryFn: async () => (await ask(api.GET("/surveys"))).items,
});

export const surveyPresetsQuery = queryOptions({
  queryKey: ["surveys", "presets"],
  queryFn: async () => (await ask(api.GET("/surveys/presets"))).items,
  staleTime: Infinity,
});

export const surveyQuery = (id: string) =>
  queryOptions({
    queryKey: ["surveys", "one", id],
    queryFn: () => ask(api.GET("/surveys/{id}", { params: { path: { id } } })),
  });

export const surveyResultsQuery = (id: string, period: { from?: string; to?: string }) =>
  queryOptions({
    queryKey: ["surveys", "results", id, period],
    queryFn: () => ask(api.GET("/surveys/{id}/results", { params: { path: { id }, query: period } })),
  });

export const surveyAnswersQuery = (id: string, behind: { from?: string; to?: string; question?: string; score?: string }) =>
  list(["surveys", "answers", id, behind], (cursor) =>
    ask(api.GET("/surveys/{id}/answers", { params: { path: { id }, query: { ...behind, cursor, limit: 50 } } })),
  );

export const invitationsQuery = (id: string) =>
  list(["surveys", "invitations", id], (cursor) =>
    ask(api.GET("/surveys/{id}/invitations", { params: { path: { id }, query: { cursor, limit: 50 } } })),
  );

export const responsesQuery = (id: string) =>
  list(["customers", "responses", id], (cursor) =>
    ask(api.GET("/customers/{id}/responses", { params: { path: { id }, query: { cursor, limit: 20 } } })),
  );

export const standingQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", "answers", id],
    queryFn: () => ask(api.GET("/customers/{id}/answers", { params: { path: { id } } })),
  });

/** What a link leads to, with the version of the answers. */
export const sheetOfLinkQuery = (token: string) =>
  queryOptions({
    queryKey: ["answer", token],
    queryFn: () => askTagged(api.GET("/answers/{token}", { params: { path: { token } } })),
    retry: false,
    staleTime: Infinity,
  });
