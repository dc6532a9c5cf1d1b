import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { render, screen } from "@testing-library/react";
import { I18nextProvider } from "react-i18next";
import { expect, it } from "vitest";
import { sessionQuery } from "../../api/queries";
import type { Matrix, MatrixFigures } from "../../api/types";
import { i18n } from "../../locale";
import { parseSearch, stringifySearch } from "../../ui/search";
import { columns, rows } from "./cell";
import { MatrixGrid } from "./grid";

const of = (customers: number, revenue: number): MatrixFigures => ({ customers, revenue, share_of_customers: 0.1, share_of_revenue: 0.2, potential: revenue * 2, unused: revenue });
const matrix: Matrix = {
  as_of: "2026-10-31", version: 1, computed_at: "2026-11-01T00:00:00Z", window: { from: "2025-11-01", to: "2026-10-31", months: 12 }, currency: "DKK",
  rows: [...rows, "unknown"], columns,
  cells: [...rows.flatMap((row, i) => columns.map((column, j) => ({ key: `${row}_${column}`, row, column, ...of(10 * i + j, 1_000_000 * (i + j)) }))), { key: "unknown", row: "unknown", column: "unknown", ...of(412, 5_000_000) }],
  row_totals: rows.map((row) => ({ row, ...of(7, 7) })), column_totals: columns.map((column) => ({ column, ...of(8, 8) })), total: of(500, 9_000_000),
  boundaries: { potential: { gold: 120_000_000, silver: 25_000_000 }, share: { sailer: 0.25, loyal: 0.6 } },
};

async function show() {
  const queries = new QueryClient();
  queries.setQueryData(sessionQuery.queryKey, { company: { name: "C", base_currency: "DKK" } } as never);
  const root = createRootRoute({ component: () => <MatrixGrid matrix={matrix} figure="revenue" search={{ as_of: "2026-10-31", country: "DK" }} /> });
  const router = createRouter({ routeTree: root, history: createMemoryHistory(), parseSearch, stringifySearch });
  render(
    <I18nextProvider i18n={i18n}>
      <QueryClientProvider client={queries}>
        <MantineProvider>
          <RouterProvider router={router as never} />
        </MantineProvider>
      </QueryClientProvider>
    </I18nextProvider>,
  );
  await screen.findByRole("table");
}

it("names the twelve cells, says where the cuts lie, and every number opens its list", async () => {
  await i18n.changeLanguage("en");
  await show();
  for (const row of rows) for (const column of columns) expect(screen.getByText(i18n.t(`cell.${row}_${column}`))).toBeTruthy();
  expect(screen.getByText("1.2m DKK and more")).toBeTruthy();
  expect(screen.getByText("60% and more")).toBeTruthy();
  const link = screen.getByRole("link", { name: /Silver bubbles, Customers: 11\./ });
  expect(link.getAttribute("href")).toContain("cell=silver_bubble");
  expect(link.getAttribute("href")).toContain("country=DK");
});

it("says the customers without potential in words", async () => {
  await show();
  expect(screen.getAllByText("412 customers").length).toBeGreaterThan(0);
});
