import { Box, Group, Stack, Text, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api/problem";
import { placeQuery } from "../../api/queries";
import type { Place } from "../../api/types";
import { DrawnHere } from "../../ui/drawn";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { Loading, ProblemNotice } from "../../ui/states";
import { HowButton } from "../measure/how";
import { columns, rows } from "./cell";
import { useBoundaryWords } from "./legend";
import classes from "./matrix.module.css";

/** The customer's place in the matrix, drawn (K6), with its share as a gauge. */
export function PlacePanel({ customerId, as_of }: { customerId: string; as_of?: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const place = useQuery(placeQuery(customerId, as_of));
  const missing = place.error && problemOf(place.error).status === 404;
  return (
    <Panel title={t("place.title")} aside={place.data && <Text size="xs" c="dimmed">{format.date(place.data.as_of)}</Text>}>
      {place.isPending && <Loading height={120} />}
      {missing && <Text size="sm" c="dimmed">{t("place.missing")}</Text>}
      {place.error && !missing && <ProblemNotice cause={place.error} />}
      {place.data && <PlaceDrawn place={place.data} how={(measure, label) => <HowButton measure={measure} label={label} customerId={customerId} as_of={as_of} />} />}
    </Panel>
  );
}

type How = (measure: string, label: string) => ReactNode;

function PlaceDrawn({ place, how }: { place: Place; how: How }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useBoundaryWords(place);
  const known = place.row !== "unknown";
  const past = new Map(place.history.filter((h) => h.cell !== place.cell).map((h) => [h.cell, h]));
  return (
    <Stack gap="md">
      <Box>
        <Group gap={4}>
          <Text fw={650} fz="lg">{t(`cell.${place.cell}`)}</Text>
          {how("cell", t("field.cell"))}
        </Group>
        <Text size="xs" c="dimmed">
          {known ? t("place.words", { row: words.row(place.row), column: words.column(columns.find((c) => c === place.column) ?? "prospect") }) : t("place.unknown")}
        </Text>
      </Box>
      <DrawnHere label={t("place.title")}>
        <div className={classes.place} role="img" aria-label={t("place.drawn", { cell: t(`cell.${place.cell}`) })}>
          {rows.map((row) => (
            <Fragment key={row}>
              <span className={classes.placeRow}>{t(`row.${row}`)}</span>
              {columns.map((column) => {
                const key = `${row}_${column}`;
                const here = place.cell === key;
                const was = past.get(key);
                return (
                  <Tooltip key={key} label={was && !here ? t("place.was", { cell: t(`cell.${key}`), date: format.date(was.as_of) }) : t(`cell.${key}`)}>
                    <span className={classes.field} data-row={row} data-here={here}>
                      {here ? <span className={classes.here} /> : was ? <span className={classes.past} /> : null}
                    </span>
                  </Tooltip>
                );
              })}
            </Fragment>
          ))}
          <span />
          {columns.map((column) => (
            <span key={column} className={classes.placeColumn}>{t(`column.${column}`)}</span>
          ))}
        </div>
      </DrawnHere>
      {known && <ShareGauge place={place} how={how} />}
      <Stack gap={3}>
        <Pair label={t("figure.revenue")} how={how("revenue", t("figure.revenue"))} value={format.round(place.revenue)} />
        <Pair label={t("figure.potential")} how={how("potential", t("figure.potential"))} value={known ? format.round(place.potential) : t("place.not_known")} />
        {known && <Pair label={t("figure.unused")} how={how("unused", t("figure.unused"))} value={format.round(place.unused)} />}
      </Stack>
    </Stack>
  );
}

function Pair({ label, how, value }: { label: string; how: ReactNode; value: string }) {
  return (
    <Group justify="space-between" gap="xs" wrap="nowrap">
      <Group gap={2} wrap="nowrap">
        <Text size="sm" c="dimmed">{label}</Text>
        {how}
      </Group>
      <Text size="sm" className="num" fw={550}>{value}</Text>
    </Group>
  );
}

/** Share of wallet on a line from 0 to 100 %, with the cuts marked. A share above 100 % ends at the line's end and says its number. */
function ShareGauge({ place, how }: { place: Place; how: How }) {
  const { t } = useTranslation();
  const format = useFormat();
  const share = place.share ?? 0;
  const at = (x: number) => 10 + 280 * Math.min(1, Math.max(0, x));
  const { sailer, loyal } = place.boundaries.share;
  return (
    <Box>
      <Group justify="space-between">
        <Group gap={2} wrap="nowrap">
          <Text size="sm" c="dimmed">{t("place.share")}</Text>
          {how("share", t("place.share"))}
        </Group>
        <Text fw={650} className="num">{format.percent(share)}</Text>
      </Group>
      <svg viewBox="0 0 300 34" width="100%" role="img" aria-label={t("place.gauge", { share: format.percent(share) })}>
        <rect x={10} y={8} width={280} height={8} rx={4} fill="var(--k-line)" />
        <rect x={10} y={8} width={Math.max(0, at(share) - 10)} height={8} rx={4} fill="var(--k-accent)" />
        {[sailer, loyal].filter((cut) => cut !== null).map((cut) => (
          <g key={cut}>
            <line x1={at(cut)} x2={at(cut)} y1={4} y2={20} stroke="var(--mantine-color-text)" strokeWidth={1.2} />
            <text x={at(cut)} y={32} fontSize={10} textAnchor="middle" fill="var(--mantine-color-dimmed)">{format.cut(cut)}</text>
          </g>
        ))}
      </svg>
    </Box>
  );
}
