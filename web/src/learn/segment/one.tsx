import { Alert, Anchor, Badge, Button, Grid, Group, Menu, Modal, SegmentedControl, Select, Stack, Text, Textarea } from "@mantine/core";
import { IconDownload, IconPencil, IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { ColumnDef } from "@tanstack/react-table";
import type { EChartsCoreOption } from "echarts/core";
import { useCallback, useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { address, api, ask, ifMatch } from "../../api/client";
import { measuresQuery } from "../../api/queries";
import { segmentHistoryQuery, segmentMovesQuery, segmentQuery } from "../../api/segment-queries";
import type { Gathered, Segment, SegmentHistory, SegmentMove } from "../../api/types";
import { Chart, type Colours } from "../../ui/chart";
import { ConfirmButton } from "../../ui/confirm";
import { useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Answered, Empty, ProblemNotice } from "../../ui/states";
import { DataTable } from "../../ui/table";
import { TakeOut } from "./card";
import { codesOf, GatheredNotice, SegmentForm } from "./edit";
import { useFields, useRuleWords } from "./fields";
import { KindBadge, Size } from "./page";

/** Map › Segments › one: who is in it, how it grew, who came and went and why. */
export function SegmentPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const segment = useQuery(segmentQuery(id));
  return <Answered of={segment}>{({ data }) => <Shown of={data} />}</Answered>;
}

function Shown({ of }: { of: Segment }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [search, change] = useSearchState();
  const mayChange = of.may_change && can("segment.write");
  const remove = async () => {
    await ask(api.DELETE("/segments/{id}", { params: { path: { id: of.id }, header: ifMatch(of.version) } }));
    void navigate({ to: "/map/segments" });
    await queries.invalidateQueries({ queryKey: ["segments", "list"] });
  };
  const crumbs = [{ label: t("nav.segments"), to: "/map/segments" }];
  const measures = useQuery(measuresQuery());
  const history = useQuery(segmentHistoryQuery(of.id));
  if (search.edit === "1" && mayChange) {
    return (
      <>
        <PageHeader title={t("segment.edit", { name: of.name })} crumbs={crumbs} />
        <Answered of={measures}>{() => <SegmentForm of={of} onDone={() => change({ edit: undefined })} />}</Answered>
      </>
    );
  }
  return (
    <>
      <PageHeader
        title={of.name}
        crumbs={crumbs}
        actions={
          <>
            {can("export.run") && <ExportMenu of={of} />}
            {mayChange && of.kind === "frozen" && <AddCustomers of={of} />}
            {mayChange && (
              <Button variant="default" leftSection={<IconPencil size={16} />} onClick={() => change({ edit: "1" }, true)}>
                {t("action.edit")}
              </Button>
            )}
            {mayChange && (
              <ConfirmButton label={t("action.delete")} title={t("segment.delete", { name: of.name })} confirm={t("action.delete")} onConfirm={remove}>
                {t("segment.delete_words")}
              </ConfirmButton>
            )}
          </>
        }
      >
        <Group gap="xs">
          <KindBadge kind={of.kind} />
          <span>{t("segment.seen_by")}: {t(of.shared ? "segment.everybody" : "segment.only_you")}</span>
          <span>· {of.mine ? t("segment.by_you") : t("segment.by", { name: of.owner_name })}</span>
          {of.as_of && <span>· {t("segment.as_of", { date: format.date(of.as_of) })}</span>}
        </Group>
      </PageHeader>
      <Stack>
        {of.trouble && (
          <Alert color="red" title={t("segment.broken")} styles={{ title: { color: "var(--mantine-color-error)" } }}>
            {of.trouble}
          </Alert>
        )}
        <Grid gap="md">
          <Grid.Col span={{ base: 12, md: 5 }}>
            <Facts of={of} />
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 7 }}>
            <Panel title={t("segment.size_over_time")}>
              <Answered of={history}>{(h) => (h.points.length === 0 ? <Text size="sm" c="dimmed">{t(h.pending ? "segment.pending" : "segment.no_history")}</Text> : <SizeChart of={h} live={of.kind === "live"} />)}</Answered>
            </Panel>
          </Grid.Col>
        </Grid>
        {history.data && history.data.points.length > 0 && <MovesPanel of={of} history={history.data} />}
      </Stack>
    </>
  );
}

function Facts({ of }: { of: Segment }) {
  const { t } = useTranslation();
  const fields = useFields(of.id);
  const words = useRuleWords(fields);
  return (
    <Panel title={t("segment.members")}>
      <Stack gap="sm">
        <Group gap={6} align="baseline">
          <Text fz={28} fw={650} lh={1.1} component="div"><Size of={of} /></Text>
          <Text size="sm" c="dimmed">{t("segment.in_it", { count: of.customers ?? 0 })}</Text>
        </Group>
        <Anchor component={Link} to="/map/customers" search={{ segment: of.id } as never} size="sm">{t("segment.see_customers")}</Anchor>
        <Anchor component={Link} to="/map/matrix" search={{ segment: of.id } as never} size="sm">{t("segment.see_matrix")}</Anchor>
        {of.description && <Text size="sm">{of.description}</Text>}
        {of.rule && (
          <div>
            <Text size="xs" c="dimmed">{t("segment.rule")}</Text>
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>{words.rule(of.rule)}</Text>
            <Text size="xs" c="dimmed" mt={6}>{t("segment.unknown_rule")}</Text>
          </div>
        )}
        {of.kind === "frozen" && <Text size="xs" c="dimmed">{t("segment.frozen_note")}</Text>}
      </Stack>
    </Panel>
  );
}

function ExportMenu({ of }: { of: Segment }) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} />}>{t("list.export")}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(["csv", "xlsx"] as const).map((format) => (
          <Menu.Item key={format} component="a" href={address("/matrix/customers/export", { segment: of.id, format })} download>
            {t(`list.export_${format}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Puts customers into a frozen segment by their codes. */
function AddCustomers({ of }: { of: Segment }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [codes, setCodes] = useState("");
  const [done, setDone] = useState<Gathered>();
  const add = useMutation({
    mutationFn: () => ask(api.POST("/segments/{id}/members", { params: { path: { id: of.id }, header: ifMatch(of.version) }, body: { codes: codesOf(codes) } })),
    onSuccess: async (answer) => {
      setDone(answer);
      setCodes("");
      await queries.invalidateQueries({ queryKey: ["segments"] });
    },
  });
  const close = () => {
    setOpen(false);
    setDone(undefined);
    add.reset();
  };
  return (
    <>
      <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setOpen(true)}>
        {t("segment.add_customers")}
      </Button>
      <Modal opened={open} onClose={close} title={t("segment.add_customers")} closeButtonProps={{ "aria-label": t("action.close") }}>
        <form
          onSubmit={(e) => {
            e.preventDefault();
            add.mutate();
          }}
        >
          <Stack>
            {done && <GatheredNotice of={done} />}
            <Textarea label={t("segment.codes")} description={t("segment.codes_help")} required autosize minRows={4} maxRows={12} value={codes} onChange={(e) => setCodes(e.currentTarget.value)} spellCheck={false} data-autofocus />
            {add.error && <ProblemNotice cause={add.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>{t("action.close")}</Button>
              <Button type="submit" loading={add.isPending} disabled={codesOf(codes).length === 0}>{t("segment.add")}</Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

function SizeChart({ of, live }: { of: SegmentHistory; live: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const option = useCallback(
    (c: Colours): EChartsCoreOption => ({
      animation: false,
      textStyle: { fontFamily: c.font },
      grid: { left: 4, right: 12, top: 12, bottom: 8, containLabel: true },
      tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: c.surface, borderColor: c.line, textStyle: { color: c.text, fontSize: 12 }, valueFormatter: (v: unknown) => (typeof v === "number" ? format.number(v) : "–") },
      xAxis: { type: "category", data: of.points.map((p) => format.date(p.as_of)), axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false }, axisLabel: { color: c.text, fontSize: 11, hideOverlap: true } },
      yAxis: { type: "value", min: 0, minInterval: 1, splitLine: { lineStyle: { color: c.line } }, axisLabel: { color: c.text, fontSize: 11, formatter: (v: number) => format.number(v) } },
      series: [{ name: t("figure.customers"), type: "line", symbolSize: 6, data: of.points.map((p) => p.customers), lineStyle: { color: c.accent, width: 2 }, itemStyle: { color: c.accent }, areaStyle: { color: c.accent, opacity: 0.1 } }],
    }),
    [of, format, t],
  );
  const table = useMemo(
    () => ({
      head: [t("field.date"), t("figure.customers"), t("segment.entered"), t("segment.left")],
      rows: of.points.map((p) => [format.date(p.as_of), format.number(p.customers), p.since || p.entered ? format.number(p.entered) : "–", p.since ? format.number(p.left) : "–"]),
    }),
    [of, format, t],
  );
  return (
    <>
      <Chart label={t("segment.size_over_time")} option={option} table={table} height={220} />
      {live && of.points.length === 1 && <Text size="sm" c="dimmed">{t("segment.one_date")}</Text>}
    </>
  );
}

function MovesPanel({ of, history }: { of: Segment; history: SegmentHistory }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [search, change] = useSearchState();
  const points = history.points.filter((p) => p.entered || p.left).reverse();
  const at = points.find((p) => p.as_of === search.moved) ?? points[0];
  const entered = search.way ? search.way === "entered" : (at?.entered ?? 0) > 0;
  if (!at) return <Panel title={t("segment.moves")}><Text size="sm" c="dimmed">{t("segment.no_moves")}</Text></Panel>;
  return (
    <Panel flush title={t("segment.moves")}>
      <Moves key={`${at.as_of}${entered}`} of={of} as_of={at.as_of} entered={entered}
        toolbar={
          <>
            <SegmentedControl size="sm" aria-label={t("segment.moves")} value={entered ? "entered" : "left"} onChange={(way) => change({ way })}
              data={[{ value: "entered", label: t("segment.entered_n", { number: format.number(at.entered) }) }, { value: "left", label: t("segment.left_n", { number: format.number(at.left) }) }]} />
            <Select aria-label={t("field.date")} w={220} allowDeselect={false} value={at.as_of} onChange={(moved) => change({ moved: moved ?? undefined, way: undefined })}
              data={points.map((p) => ({ value: p.as_of, label: p.since && of.kind === "live" ? t("segment.between", { from: format.date(p.since), to: format.date(p.as_of) }) : format.date(p.as_of) }))} />
          </>
        } />
    </Panel>
  );
}

function Moves({ of, as_of, entered, toolbar }: { of: Segment; as_of: string; entered: boolean; toolbar: ReactNode }) {
  const { t } = useTranslation();
  const format = useFormat();
  const list = useInfiniteQuery(segmentMovesQuery(of.id, as_of, entered));
  const fields = useFields(of.id);
  const words = useRuleWords(fields);
  const columns = useMemo<ColumnDef<SegmentMove>[]>(
    () => [
      {
        id: "name",
        header: t("field.name"),
        meta: { main: true },
        cell: ({ row }) => (
          <Anchor component={Link} to="/map/customers/$id" params={{ id: row.original.customer_id } as never} size="sm" fw={550}>
            {row.original.name}
          </Anchor>
        ),
      },
      {
        id: "why",
        header: t("segment.why"),
        meta: { wide: true },
        cell: ({ row: { original: m } }) => (
          <Stack gap={2}>
            {m.new && <Badge variant="default" tt="none" fw={450} radius="sm">{t("segment.new_customer")}</Badge>}
            {m.gone && <Badge variant="default" tt="none" fw={450} radius="sm">{t("segment.gone_customer")}</Badge>}
            {m.reasons.map((r, i) => (
              <Text key={i} size="sm">
                {r.before === null && r.after === null ? words.line(r) : `${fields.get(r.field)?.label ?? r.field}: ${words.value(fields.get(r.field), r.before)} → ${words.value(fields.get(r.field), r.after)}`}
                <Text span size="xs" c="dimmed" display="block">{t(r.holds ? "segment.holds_now" : "segment.holds_no_more", { condition: words.line(r) })}</Text>
              </Text>
            ))}
            {m.by && <Text size="sm">{m.way ? t(`segment.way.${m.way}`, { name: m.by }) : t("segment.taken_out", { name: m.by })}</Text>}
          </Stack>
        ),
      },
      { id: "owner", header: t("field.owner"), cell: ({ row }) => row.original.owner_name || "–" },
      ...(of.kind === "frozen" ? [{ id: "at", header: t("field.date"), cell: ({ row }: { row: { original: SegmentMove } }) => format.instant(row.original.at) }] : []),
      ...(of.kind === "frozen" && entered && of.may_change ? [{ id: "out", header: "", cell: ({ row }: { row: { original: SegmentMove } }) => <TakeOut of={of} customer={row.original.customer_id} name={row.original.name} /> }] : []),
    ],
    [t, fields, words, of, entered, format],
  );
  return <DataTable label={t("segment.moves")} columns={columns} of={list} rowId={(m, i) => `${m.customer_id}${i}`} toolbar={toolbar} empty={<Empty title={t("segment.nobody_moved")} />} />;
}
