import { ActionIcon, Button, Group, NumberInput, Select, Stack, Table, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import type { BreakEven, Rfm } from "../../api/types";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { ProblemNotice } from "../../ui/states";
import { codeOf } from "./cells";

type Row = { cell: string | null; mailed: number | string; responses: number | string };

/** At which response a mailing pays for itself (C7), and which of the cells whose response is known lie above it. */
export function BreakEvenPanel({ rfm, judged, onJudged }: { rfm: Rfm; judged?: BreakEven; onJudged: (b: BreakEven | undefined) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [cost, setCost] = useState<number | string>("");
  const [profit, setProfit] = useState<number | string>("");
  const [rows, setRows] = useState<Row[]>([]);
  const cells = new Map(rfm.cells.map((c) => [codeOf(c), c]));
  const known = rows.filter((r) => r.cell && Number(r.mailed) > 0);
  const work = useMutation({
    mutationFn: () =>
      ask(
        api.POST("/rfm/break-even", {
          body: {
            cost: Number(cost),
            profit: Number(profit),
            tests: known.map((row) => {
              const c = cells.get(row.cell ?? "");
              return { r: c?.r ?? 1, f: c?.f ?? 1, m: c?.m ?? 1, mailed: Number(row.mailed), responses: Number(row.responses) || 0 };
            }),
          },
        }),
      ),
    onSuccess: onJudged,
    onError: () => onJudged(undefined),
  });
  const set = (i: number, change: Partial<Row>) => setRows(rows.map((r, j) => (j === i ? { ...r, ...change } : r)));
  return (
    <Panel title={t("rfm.break_even")}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          work.mutate();
        }}
      >
        <Stack gap="sm">
          <Text size="sm" c="dimmed" maw={760}>
            {t("rfm.break_even_explain")}
          </Text>
          <Group align="flex-end">
            <NumberInput label={t("rfm.cost")} min={0} decimalScale={4} suffix={` ${rfm.currency}`} value={cost} onChange={setCost} required w={190} />
            <NumberInput label={t("rfm.profit")} min={0} decimalScale={4} suffix={` ${rfm.currency}`} value={profit} onChange={setProfit} required w={190} />
            <Button type="submit" loading={work.isPending} disabled={cost === "" || profit === ""}>
              {t("rfm.work_out")}
            </Button>
          </Group>
          {judged && (
            <Text role="status">
              {t("rfm.break_even_is", { rate: new Intl.NumberFormat(format.locale, { style: "percent", maximumFractionDigits: 3 }).format(judged.break_even) })}{" "}
              {judged.test_size !== null && t("rfm.test_size", { count: judged.test_size, number: format.number(judged.test_size) })}
            </Text>
          )}
          {work.error && <ProblemNotice cause={work.error} />}
          <Text size="sm" c="dimmed" maw={760}>
            {t("rfm.responses_explain")}
          </Text>
          {rows.map((row, i) => (
            <Group key={i} align="flex-end" gap="xs">
              <Select label={t("rfm.cell")} data={[...cells.keys()]} value={row.cell} onChange={(cell) => set(i, { cell })} searchable openOnFocus={false} w={110} nothingFoundMessage={t("filter.nothing")} />
              <NumberInput label={t("rfm.mailed")} min={1} allowDecimal={false} value={row.mailed} onChange={(mailed) => set(i, { mailed })} w={130} />
              <NumberInput label={t("rfm.responses")} min={0} allowDecimal={false} value={row.responses} onChange={(responses) => set(i, { responses })} w={130} />
              <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("rfm.remove_row", { no: i + 1 })} onClick={() => setRows(rows.filter((_, j) => j !== i))}>
                <IconTrash size={16} />
              </ActionIcon>
            </Group>
          ))}
          <Group>
            <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => setRows([...rows, { cell: null, mailed: "", responses: "" }])}>
              {t("rfm.add_row")}
            </Button>
          </Group>
          {judged && judged.results.length > 0 && <Judged judged={judged} />}
        </Stack>
      </form>
    </Panel>
  );
}

function Judged({ judged }: { judged: BreakEven }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Table fz="sm" verticalSpacing={4} maw={640}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("rfm.cell")}</Table.Th>
          <Table.Th ta="right">{t("rfm.response")}</Table.Th>
          <Table.Th ta="right">{t("rfm.index")}</Table.Th>
          <Table.Th>{t("rfm.verdict")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {judged.results.map((r) => (
          <Table.Tr key={codeOf(r)}>
            <Table.Td className="num">{codeOf(r)}</Table.Td>
            <Table.Td ta="right" className="num">
              {format.percent(r.rate)}
            </Table.Td>
            <Table.Td ta="right" className="num">
              {format.quantity(r.index)}
            </Table.Td>
            <Table.Td>
              {t(r.mail ? "rfm.mail" : "rfm.no_mail")}
              {r.too_few && ` ${t("rfm.scant")}`}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
