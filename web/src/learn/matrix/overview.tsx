import { Alert, Box, Group, SegmentedControl, Stack, VisuallyHidden } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { matrixQuery } from "../../api/queries";
import type { Matrix, MatrixFigures } from "../../api/types";
import { DrawnHere } from "../../ui/drawn";
import { filtersOf, segmentOf } from "../../ui/filter";
import { useFormat } from "../../ui/format";
import type { Search } from "../../ui/search";
import { Loading } from "../../ui/states";
import { figureOf, figures, type FigureKey } from "./cell";
import { MatrixGrid } from "./grid";
import { Legend } from "./legend";
import { MatrixProblem } from "./problem";
import { Shown } from "./shown";
import type { ViewProps } from "./views";

/** The matrix, to be saved as a picture or with all its figures as a table. */
function DrawnMatrix({ of, figure, search }: { of: Matrix; figure: FigureKey; search: Search }) {
  const { t } = useTranslation();
  const format = useFormat();
  const table = useMemo(() => {
    const row = (name: string, f: MatrixFigures) => [name, format.number(f.customers), format.percent(f.share_of_customers), format.money(f.revenue, of.currency), format.percent(f.share_of_revenue), format.money(f.potential, of.currency), format.money(f.unused, of.currency)];
    const share = (name: string) => t("statistics.share_of", { figure: name });
    return {
      head: [t("field.cell"), t("figure.customers"), share(t("figure.customers")), t("figure.revenue"), share(t("figure.revenue")), t("figure.potential"), t("figure.unused")],
      rows: [...of.cells.map((c) => row(t(`cell.${c.key}`), c)), row(t("matrix.everybody"), of.total)],
    };
  }, [of, format, t]);
  return (
    <DrawnHere label={t("nav.matrix")} table={table}>
      <MatrixGrid matrix={of} figure={figure} search={search} />
    </DrawnHere>
  );
}

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
      <DrawnMatrix of={matrix.data} figure={figure} search={search} />
      <Legend matrix={matrix.data} figure={figure} />
    </Stack>
  );
}
