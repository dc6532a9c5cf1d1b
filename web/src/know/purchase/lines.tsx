import { Button, Group, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { purchasesQuery } from "../../api/queries";
import type { PurchaseLine } from "../../api/types";
import { useFormat } from "../../ui/format";
import { useSearchState } from "../../ui/search";
import { Empty } from "../../ui/states";
import { DataTable } from "../../ui/table";

/** The customer's purchase lines, the newest first; returns are negative. */
export function Purchases({ customerId }: { customerId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [search, change] = useSearchState();
  const between = { from: search.from || undefined, to: search.to || undefined };
  const lines = useInfiniteQuery(purchasesQuery(customerId, between));
  const columns = useMemo<ColumnDef<PurchaseLine>[]>(
    () => [
      { id: "date", header: t("field.date"), meta: { numeric: false }, cell: ({ row }) => <span className="num">{format.date(row.original.date)}</span> },
      { id: "document", header: t("purchase.document"), cell: ({ row }) => [row.original.document, row.original.line].filter(Boolean).join(" / ") || "–" },
      {
        id: "product",
        header: t("purchase.product"),
        cell: ({ row }) => (
          <>
            {row.original.product_name || "–"}
            {row.original.product_code && (
              <Text size="xs" c="dimmed">
                {row.original.product_code}
              </Text>
            )}
          </>
        ),
      },
      { id: "quantity", header: t("purchase.quantity"), meta: { numeric: true }, cell: ({ row }) => format.quantity(row.original.quantity) },
      {
        id: "revenue",
        header: t("purchase.revenue_in", { currency: format.currency }),
        meta: { numeric: true },
        cell: ({ row }) => <span style={row.original.revenue < 0 ? { color: "var(--mantine-color-error)" } : undefined}>{format.exact(row.original.revenue, row.original.currency || undefined)}</span>,
      },
      { id: "seller", header: t("purchase.seller"), meta: { extra: true }, cell: ({ row }) => row.original.seller_name || "–" },
    ],
    [t, format],
  );
  const span = (between.from || between.to) && (
    <Group gap="xs">
      <Text size="sm">{t(between.from ? "purchase.between" : "purchase.until", { from: format.date(between.from), to: format.date(between.to) })}</Text>
      <Button size="compact-sm" variant="subtle" onClick={() => change({ from: undefined, to: undefined })}>
        {t("purchase.show_all")}
      </Button>
    </Group>
  );
  return (
    <DataTable label={t("purchase.title")} columns={columns} of={lines} toolbar={span} chosen={search.lines} onChoose={(c) => change({ lines: c })} rowId={(r, i) => `${i}|${r.date}`}
      empty={<Empty title={t("purchase.none_title")}>{t("purchase.none")}</Empty>} />
  );
}
