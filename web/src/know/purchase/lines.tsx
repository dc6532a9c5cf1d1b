import { Text } from "@mantine/core";
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
  const lines = useInfiniteQuery(purchasesQuery(customerId));
  const columns = useMemo<ColumnDef<PurchaseLine>[]>(
    () => [
      {
        id: "date",
        header: t("purchase.date_document"),
        cell: ({ row }) => (
          <div className="num">
            {format.date(row.original.date)}
            <Text size="xs" c="dimmed">
              {[row.original.document, row.original.line].filter(Boolean).join(" / ")}
            </Text>
          </div>
        ),
      },
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
  return (
    <DataTable label={t("purchase.title")} columns={columns} of={lines} chosen={search.lines} onChoose={(c) => change({ lines: c })} rowId={(r, i) => `${i}|${r.date}`}
      empty={<Empty title={t("purchase.none_title")}>{t("purchase.none")}</Empty>} />
  );
}
