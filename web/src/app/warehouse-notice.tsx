import { Alert, Progress, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { warehouseQuery } from "../api/queries";

/** Says on every page when the warehouse cannot answer, so that empty pages explain themselves. */
export function WarehouseNotice() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const state = useQuery(warehouseQuery).data;
  const away = state !== undefined && state.state !== "ready";
  const wasAway = useRef(false);
  useEffect(() => {
    // What could not be answered meanwhile is asked again.
    if (wasAway.current && !away) void queries.invalidateQueries();
    wasAway.current = away;
  }, [away, queries]);
  if (!state || !away) return null;
  const part = state.total > 0 ? (100 * state.done) / state.total : 100;
  return (
    <Alert color={state.state === "broken" ? "red" : "yellow"} mb="md" role="status" title={t(`warehouse.${state.state}_title`)}>
      <Stack gap={6}>
        <Text size="sm">{[state.message, t(`warehouse.${state.state}`)].filter(Boolean).join(" ")}</Text>
        {state.state === "rebuilding" && <Progress value={part} animated={state.total === 0} color="var(--mantine-color-text)" size="sm" aria-label={t("warehouse.rebuilding_title")} />}
      </Stack>
    </Alert>
  );
}
