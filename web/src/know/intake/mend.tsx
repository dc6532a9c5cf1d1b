import { Box, Button, Checkbox, Group, Menu, Table, Text, TextInput, Tooltip } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { address, api, ask } from "../../api/client";
import { rejectsQuery } from "../../api/queries";
import type { Import, Reject, RejectRows } from "../../api/types";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, ProblemNotice } from "../../ui/states";
import classes from "./intake.module.css";
import { useReason } from "./reason";

/** The rejected rows as a grid: the cell at fault is marked and says why; mended rows are imported by the same mapping. */
export function Mend({ of }: { of: Import }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const navigate = useNavigate();
  const rejects = useInfiniteQuery(rejectsQuery(of.id));
  const [mended, setMended] = useState<Record<number, string[]>>({});
  const count = Object.keys(mended).length;
  const send = useMutation({
    mutationFn: () => ask(api.POST("/imports/{id}/mended", { params: { path: { id: of.id } }, body: { rows: Object.entries(mended).map(([seq, cells]) => ({ seq: Number(seq), cells })) } })),
    onSuccess: (begun) => void navigate({ to: `/data/import/${begun.import.id}` as never }),
  });
  const editable = can("import.run") && of.state === "accepted";
  return (
    <Panel
      flush
      title={t("import.rejected_rows", { count: of.rejected, number: format.number(of.rejected) })}
      aside={
        <Menu position="bottom-end">
          <Menu.Target>
            <Button size="compact-sm" variant="default" leftSection={<IconDownload size={14} />}>
              {t("import.download_rejects")}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item component="a" href={address(`/imports/${of.id}/rejects/export`, { format: "xlsx" })} download>
              {t("import.as_xlsx")}
            </Menu.Item>
            <Menu.Item component="a" href={address(`/imports/${of.id}/rejects/export`)} download>
              {t("import.as_csv")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      }
    >
      <Text size="sm" c="dimmed" px="sm" pb="xs">
        {t(editable ? "import.mend_help" : "import.mend_read")}
      </Text>
      <Answered of={rejects}>
        {(data) => {
          const [first] = data.pages as RejectRows[];
          const columns = first?.columns ?? [];
          return (
            <>
              <Grid columns={columns} rows={data.pages.flatMap((p) => p.items)} mended={mended} onMend={setMended} editable={editable} />
              {send.error && (
                <Box px="sm" pt="sm">
                  <ProblemNotice cause={send.error} />
                </Box>
              )}
              <Group justify="space-between" px="sm" py="xs">
                {rejects.hasNextPage ? (
                  <Button size="compact-sm" variant="default" loading={rejects.isFetchingNextPage} onClick={() => void rejects.fetchNextPage()}>
                    {t("table.more")}
                  </Button>
                ) : (
                  <span />
                )}
                {editable && (
                  <Group gap="sm">
                    <Text size="sm" c="dimmed" role="status">
                      {t("import.mended_count", { count })}
                    </Text>
                    <Button onClick={() => send.mutate()} loading={send.isPending} disabled={count === 0}>
                      {t("import.mend_import")}
                    </Button>
                  </Group>
                )}
              </Group>
            </>
          );
        }}
      </Answered>
    </Panel>
  );
}

type GridProps = { columns: string[]; rows: Reject[]; mended: Record<number, string[]>; onMend: (mended: Record<number, string[]>) => void; editable: boolean };

function Grid({ columns, rows, mended, onMend, editable }: GridProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const reason = useReason();
  const set = (row: Reject, at: number, value: string) => {
    const cells = [...(mended[row.seq] ?? row.cells)];
    cells[at] = value;
    onMend(cells.every((c, i) => c === row.cells[i]) ? without(row) : { ...mended, [row.seq]: cells });
  };
  const without = (row: Reject) => Object.fromEntries(Object.entries(mended).filter(([seq]) => Number(seq) !== row.seq));
  return (
    <div className={classes.grid} tabIndex={0} role="region" aria-label={t("import.rejects")}>
      <Table fz="sm" verticalSpacing={4} horizontalSpacing={6} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            {editable && <Table.Th>{t("import.again")}</Table.Th>}
            <Table.Th ta="right">{t("import.line")}</Table.Th>
            <Table.Th miw={240}>{t("import.reason")}</Table.Th>
            {columns.map((c) => (
              <Table.Th key={c}>{c}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => {
            const cells = mended[row.seq] ?? row.cells;
            const whole = row.cells.length === columns.length;
            const faulty = row.column.split(", ");
            return (
              <Table.Tr key={row.seq} data-mended={mended[row.seq] !== undefined}>
                {editable && (
                  <Table.Td>
                    <Checkbox size="xs" aria-label={t("import.again_label", { line: row.line })} disabled={!whole} checked={mended[row.seq] !== undefined}
                      onChange={(e) => onMend(e.currentTarget.checked ? { ...mended, [row.seq]: cells } : without(row))} />
                  </Table.Td>
                )}
                <Table.Td ta="right" className="num" title={row.file}>
                  {format.number(row.line)}
                </Table.Td>
                <Table.Td className={classes.why}>{reason(row)}</Table.Td>
                {whole ? (
                  columns.map((c, at) => {
                    const wrong = faulty.includes(c);
                    const changed = cells[at] !== row.cells[at];
                    return (
                      <Table.Td key={c} data-wrong={wrong} data-changed={changed} className={classes.cell}>
                        {editable ? (
                          <Tooltip label={reason(row)} disabled={!wrong} multiline maw={320} withArrow>
                            <TextInput size="xs" aria-label={t("import.cell_label", { column: c, line: row.line })} error={wrong && !changed} value={cells[at] ?? ""} onChange={(e) => set(row, at, e.currentTarget.value)} />
                          </Tooltip>
                        ) : (
                          cells[at]
                        )}
                      </Table.Td>
                    );
                  })
                ) : (
                  <Table.Td colSpan={columns.length} className={classes.raw}>
                    {row.raw}
                  </Table.Td>
                )}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </div>
  );
}
