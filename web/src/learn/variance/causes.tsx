import { Anchor, Button, Group, Select, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { causesQuery } from "../../api/queries";
import type { VarianceCause, VarianceReport } from "../../api/types";
import { ConfirmButton } from "../../ui/confirm";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import type { Search } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Empty } from "../../ui/states";
import { DataTable } from "../../ui/table";
import { CauseModal, causeKinds } from "./cause-form";
import { wayOf } from "./way";
import { useMonths, usePartName } from "./words";

/** Where a cause was found, in words. */
function useWhere() {
  const { t } = useTranslation();
  const name = usePartName();
  return (c: VarianceCause) => [t("variance.company"), ...c.way.map((s) => name(s.by, s))].join(" › ");
}

/** The causes that people recorded, of the months shown or of all; each leads back to its figures. */
export function Causes({ report, search, change }: { report: VarianceReport; search: Search; change: (change: Search) => void }) {
  const { t } = useTranslation();
  const can = useCan();
  const format = useFormat();
  const months = useMonths();
  const where = useWhere();
  const queries = useQueryClient();
  const [edited, setEdited] = useState<VarianceCause>();
  const kind = causeKinds.find((k) => k === search.cause);
  const every = search.causes === "all";
  const list = useInfiniteQuery(causesQuery({ kind, from: every ? undefined : report.from, to: every ? undefined : report.until }));
  const writes = can("cause.write");
  const columns = useMemo<ColumnDef<VarianceCause>[]>(
    () => [
      {
        id: "cause",
        header: t("variance.cause"),
        meta: { main: true },
        cell: ({ row: { original: c } }) => (
          <Stack gap={0} style={{ whiteSpace: "normal", minWidth: 200 }}>
            <Text size="sm" fw={600}>{t(`variance.kind_${c.kind}`)}</Text>
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>{c.comment}</Text>
          </Stack>
        ),
      },
      {
        id: "where",
        header: t("variance.where"),
        meta: { wide: true },
        cell: ({ row: { original: c } }) => (
          <Anchor component={Link} to="/check/budget" search={{ from: c.from_month.slice(0, 7), to: c.to_month.slice(0, 7), at: wayOf(c.way.map((s) => s.step)) } as never} size="sm" style={{ whiteSpace: "normal" }}>
            {where(c)}
          </Anchor>
        ),
      },
      { id: "months", header: t("variance.months"), cell: ({ row: { original: c } }) => months(c.from_month, c.to_month) },
      { id: "difference", header: t("variance.difference_then", { currency: format.currency }), meta: { numeric: true }, cell: ({ row: { original: c } }) => format.amount(c.actual - c.budget) },
      { id: "by", header: t("variance.recorded"), cell: ({ row: { original: c } }) => t("variance.recorded_by", { name: c.created_by_name, date: format.date(c.created_at) }) },
      ...(writes
        ? [{
            id: "change",
            header: t("variance.change"),
            cell: ({ row: { original: c } }: { row: { original: VarianceCause } }) => (
              <Group gap={2} wrap="nowrap">
                <Button size="compact-xs" variant="subtle" onClick={() => setEdited(c)} aria-label={t("variance.change_of", { where: where(c) })}>{t("variance.change")}</Button>
                <ConfirmButton compact label={t("variance.delete")} ariaLabel={t("variance.delete_of", { where: where(c) })} title={t("variance.delete_title")} confirm={t("variance.delete")}
                  onConfirm={async () => {
                    await ask(api.DELETE("/budget/causes/{id}", { params: { path: { id: c.id }, header: ifMatch(c.version) } }));
                    await queries.invalidateQueries({ queryKey: ["budget", "causes"] });
                  }}>
                  {c.comment}
                </ConfirmButton>
              </Group>
            ),
          }]
        : []),
    ],
    [t, format, months, where, writes, queries],
  );
  return (
    <Panel title={t("variance.causes")} flush>
      <DataTable
        label={t("variance.causes")}
        columns={columns}
        of={list}
        rowId={(c) => c.id}
        toolbar={
          <>
            <Select aria-label={t("variance.kind")} clearable placeholder={t("variance.every_kind")} data={causeKinds.map((k) => ({ value: k, label: t(`variance.kind_${k}`) }))} value={kind ?? null} onChange={(v) => change({ cause: v ?? undefined })} w={280} />
            <Select aria-label={t("variance.which_months")} allowDeselect={false} data={[{ value: "shown", label: t("variance.of_shown", { months: months(report.from, report.to) }) }, { value: "all", label: t("variance.of_all") }]} value={every ? "all" : "shown"} onChange={(v) => change({ causes: v === "all" ? "all" : undefined })} w={240} />
          </>
        }
        empty={<Empty title={t("variance.no_causes")}>{t("variance.no_causes_help")}</Empty>}
      />
      {edited && <CauseModal where={`${where(edited)}, ${months(edited.from_month, edited.to_month)}`} cause={edited} onClose={() => setEdited(undefined)} />}
    </Panel>
  );
}
