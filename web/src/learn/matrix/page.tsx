import { Alert, Box, Group, SegmentedControl, Stack, VisuallyHidden } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api/problem";
import { matrixQuery } from "../../api/queries";
import type { Matrix } from "../../api/types";
import { FilterBar, filtersOf } from "../../ui/filter";
import { useFormat } from "../../ui/format";
import { PageHeader } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { Loading, ProblemNotice } from "../../ui/states";
import { AsOf } from "../scoring/as-of";
import { EstimatedNote } from "../wallet/note";
import { figureOf, figures } from "./cell";
import { MatrixGrid } from "./grid";
import { Legend } from "./legend";
import { NotComputed } from "./start";

/** Map › Matrix: where every customer stands, and what stands there. */
export function MatrixPage() {
  const { t } = useTranslation();
  const [search, change] = useSearchState();
  const filter = { as_of: search.as_of || undefined, ...filtersOf(search) };
  const matrix = useQuery({ ...matrixQuery(filter), placeholderData: keepPreviousData });
  const figure = figureOf(search.figure);
  const phone = useMediaQuery("(max-width: 36em)", false, { getInitialValueInEffect: false });
  const missing = matrix.error && ["scoring.not_scored", "scoring.empty"].includes(problemOf(matrix.error).code);
  return (
    <>
      <PageHeader title={t("nav.matrix")} actions={<AsOf shown={missing ? search.as_of : (matrix.data?.as_of ?? search.as_of)} onChange={(as_of) => change({ as_of }, true)} />}>
        {matrix.data && !missing && <Shown matrix={matrix.data} />}
      </PageHeader>
      {!missing && (
        <Group justify="space-between" mb="md" gap="sm">
          <FilterBar search={search} change={change} />
          <Box w={{ base: "100%", xs: "auto" }}>
            <VisuallyHidden id="figure-label">{t("matrix.tint_by")}</VisuallyHidden>
            <SegmentedControl size="sm" aria-labelledby="figure-label" value={figure} onChange={(v) => change({ figure: v })} data={figures.map((f) => ({ value: f, label: t(phone ? `figure_short.${f}` : `figure.${f}`) }))} fullWidth={phone} />
          </Box>
        </Group>
      )}
      {missing && <NotComputed as_of={search.as_of || undefined} onComputed={() => void matrix.refetch()} />}
      {matrix.error && !missing && <ProblemNotice cause={matrix.error} retry={() => void matrix.refetch()} />}
      {matrix.isPending && <Loading height={420} />}
      {matrix.data && !matrix.error && (
        <Stack gap="md" style={{ opacity: matrix.isPlaceholderData ? 0.55 : 1, transition: "opacity 120ms" }} aria-busy={matrix.isPlaceholderData}>
          {matrix.data.total.customers === 0 && (
            <Alert color="gray" title={t("matrix.none_title")}>
              {t("matrix.none")}
            </Alert>
          )}
          <MatrixGrid matrix={matrix.data} figure={figure} search={search} />
          <Legend matrix={matrix.data} figure={figure} />
        </Stack>
      )}
    </>
  );
}

function Shown({ matrix }: { matrix: Matrix }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <span className="num" style={{ whiteSpace: "normal" }}>
      {t("matrix.shown", {
        as_of: format.date(matrix.as_of),
        months: matrix.window.months,
        customers: format.number(matrix.total.customers),
        currency: matrix.currency,
      })}
      <EstimatedNote as_of={matrix.as_of} />
    </span>
  );
}

