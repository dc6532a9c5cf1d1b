import { Anchor, Button, Text } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { importsQuery } from "../../api/queries";
import type { Import } from "../../api/types";
import { useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Empty } from "../../ui/states";
import { DataTable } from "../../ui/table";
import { useKindLabel } from "./report";

/** Data › Import: every import there was, the newest first. */
export function ImportHistory() {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const label = useKindLabel();
  const [search, change] = useSearchState();
  const imports = useInfiniteQuery(importsQuery);
  const columns = useMemo<ColumnDef<Import>[]>(() => {
    const count = (id: "read" | "created" | "updated" | "unchanged" | "rejected"): ColumnDef<Import> => ({
      id,
      header: t(`import.count_${id}`),
      meta: { numeric: true, extra: id === "unchanged" },
      cell: ({ row }) => {
        const n = format.number(row.original[id]);
        return id === "rejected" && row.original.rejected > 0 ? (
          <Anchor component={Link} to={`/data/import/${row.original.id}`} size="sm">
            {n}
          </Anchor>
        ) : (
          n
        );
      },
    });
    return [
      {
        id: "no",
        header: t("import.what"),
        meta: { main: true },
        cell: ({ row }) => (
          <Anchor component={Link} to={`/data/import/${row.original.id}`} size="sm" fw={550}>
            {t("import.report_title", { no: row.original.no, kind: label(row.original.kind) })}
          </Anchor>
        ),
      },
      { id: "files", header: t("import.files"), cell: ({ row }) => <Text size="sm" lineClamp={1} maw={260}>{row.original.files.map((f) => f.name).join(", ")}</Text> },
      { id: "state", header: t("import.state"), cell: ({ row }) => (row.original.state === "removed" ? t("import.undone") : i18n.exists(`job.state.${row.original.state}`) ? t(`job.state.${row.original.state}`) : t("job.state.done")) },
      count("read"),
      count("created"),
      count("updated"),
      count("unchanged"),
      count("rejected"),
      { id: "source", header: t("import.source"), meta: { extra: true }, cell: ({ row }) => row.original.source || "–" },
      { id: "by", header: t("import.started_by"), cell: ({ row }) => row.original.started_by_name || "–" },
      { id: "at", header: t("import.at"), cell: ({ row }) => <span className="num">{format.instant(row.original.created_at)}</span> },
    ];
  }, [t, i18n, format, label]);
  const start = can("import.run") && (
    <Button component={Link} to="/data/import/new" leftSection={<IconUpload size={16} />}>
      {t("import.start")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("nav.import")} actions={start}>
        {t("import.history_intro")}
      </PageHeader>
      <Panel flush>
        <DataTable label={t("import.history")} columns={columns} of={imports} rowId={(r) => r.id} chosen={search.columns} onChoose={(c) => change({ columns: c })}
          empty={<Empty title={t("import.none_title")} action={start}>{t("import.none")}</Empty>} />
      </Panel>
    </>
  );
}
