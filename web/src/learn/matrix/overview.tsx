import { Alert, Box, Group, SegmentedControl, Stack, VisuallyHidden } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { matrixQuery } from "../../api/queries";
import { filtersOf, segmentOf } from "../../ui/filter";
import { Loading } from "../../ui/states";
import { figureOf, figures } from "./cell";
import { MatrixGrid } from "./grid";
import { Legend } from "./legend";
import { MatrixProblem } from "./problem";
import { Shown } from "./shown";
import type { ViewProps } from "./views";

/** The customer matrix itself: its twelve cells with customers, revenue, potential and what is unused. */
export function OverviewView({ search, change }: ViewProps) {
  const { t } = useTranslation();
  const matrix = useQuery({ ...matrixQuery({ as_of: search.as_of || undefined, ...filtersOf(search), ...segmentOf(search) }), placeholderData: keepPreviousData });
  const figure = figureOf(search.figure);
  const phone = useMediaQuery("(max-width: 36em)", false, { getInitialValueInEffect: false });
  if (matrix.isPending) return <Loading height={420} />;
  if (matrix.error) return <MatrixProblem cause={matrix.error} as_of={search.as_of} retry={() => void matrix.refetch()} />;
  return (
    <Stack gap="md" style={{ opacity: matrix.isPlaceholderData ? 0.55 : 1, transition: "opacity 120ms" }} aria-busy={matrix.isPlaceholderData}>
      <Group justify="space-between" gap="sm">
        <Shown of={matrix.data} customers={matrix.data.total.customers} />
        <Box w={{ base: "100%", xs: "auto" }}>
          <VisuallyHidden id="figure-label">{t("matrix.tint_by")}</VisuallyHidden>
          <SegmentedControl size="sm" aria-labelledby="figure-label" value={figure} onChange={(v) => change({ figure: v })} data={figures.map((f) => ({ value: f, label: t(phone ? `figure_short.${f}` : `figure.${f}`) }))} fullWidth={phone} />
        </Box>
      </Group>
      {matrix.data.total.customers === 0 && (
        <Alert color="gray" title={t("matrix.none_title")}>
          {t("matrix.none")}
        </Alert>
      )}
      <MatrixGrid matrix={matrix.data} figure={figure} search={search} />
      <Legend matrix={matrix.data} figure={figure} />
    </Stack>
  );
}
