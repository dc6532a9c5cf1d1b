import { Box, Group, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { qualityQuery } from "../../api/queries";
import type { QualityField, QualityKind, QualityReport } from "../../api/types";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { Answered, Empty } from "../../ui/states";
import { Months } from "./months";
import { Rules } from "./page";
import classes from "./quality.module.css";
import { FindingTrend } from "./trend";
import { GradeMark, usePart, useQualityWords, useRunWords, worstFirst } from "./words";

/** One kind of import: its findings, its fields, and how they have moved. */
export function QualityKindPage() {
  const { kind } = useParams({ strict: false }) as { kind: string };
  const report = useQuery(qualityQuery);
  return <Answered of={report}>{(data) => <Detail report={data} kind={data.kinds.find((k) => k.kind === kind)} />}</Answered>;
}

function Detail({ report, kind }: { report: QualityReport; kind?: QualityKind }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useQualityWords();
  const when = useRunWords();
  const crumbs = [{ label: t("quality.title"), to: "/data/check" }];
  if (!kind || kind.records === 0) {
    const title = kind ? words.kind(kind.kind) : t("quality.title");
    return (
      <>
        <PageHeader title={title} crumbs={crumbs} />
        <Panel>
          <Empty title={t("quality.no_grade")}>{kind && t(`quality.absent.${kind.kind}`)}</Empty>
        </Panel>
      </>
    );
  }
  const name = words.kind(kind.kind);
  return (
    <>
      <PageHeader title={`${t("quality.title")}: ${name}`} crumbs={crumbs}>
        <Group gap="xs">
          <GradeMark grade={kind.grade} small />
          {t("quality.records", { count: kind.records, number: format.number(kind.records) })}
        </Group>
        {when(report)}
      </PageHeader>
      <div className={classes.stack}>
        <Findings kind={kind} />
        <Fields kind={kind} />
        {(kind.kind === "purchases" || kind.kind === "budgets") && <Months report={report} withTable />}
        <FindingTrend kind={kind} />
        <Rules />
      </div>
    </>
  );
}

function Findings({ kind }: { kind: QualityKind }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useQualityWords();
  const part = usePart();
  const found = worstFirst(kind.findings);
  if (found.length === 0) {
    return (
      <Panel title={t("quality.findings")}>
        <Text size="sm">{t("quality.findings_none")}</Text>
      </Panel>
    );
  }
  return (
    <Panel title={t("quality.findings")} flush>
      <Box className={classes.wide} tabIndex={0} role="region" aria-label={t("quality.as_table", { what: t("quality.findings") })}>
        <Table fz="sm" verticalSpacing={7} highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("quality.grade_head")}</Table.Th>
              <Table.Th>{t("quality.found")}</Table.Th>
              <Table.Th ta="right">{t("quality.count")}</Table.Th>
              <Table.Th ta="right">{t("quality.part")}</Table.Th>
              <Table.Th>{t("quality.weight_head")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.map((f) => (
              <Table.Tr key={f.key}>
                <Table.Td>
                  <GradeMark grade={f.grade} small />
                </Table.Td>
                <Table.Td className={classes.words}>
                  {words.finding(f.key)}
                  {f.grade !== "A" && (
                    <Text size="xs" c="dimmed">
                      {words.blocks(kind.kind, f.key)}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td ta="right" className="num">
                  <Opened kind={kind.kind} finding={f.rows ? f.key : ""}>
                    {format.number(f.count)}
                  </Opened>
                </Table.Td>
                <Table.Td ta="right" className="num">
                  {part(f)}
                </Table.Td>
                <Table.Td>{t(`quality.weight.${f.weight}`)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Box>
    </Panel>
  );
}

/** A number that opens its records, where there are any. */
function Opened({ kind, finding, children }: { kind: string; finding: string; children: string }) {
  const { t } = useTranslation();
  const words = useQualityWords();
  if (!finding || children === "0") return <>{children}</>;
  return (
    <Figure to={`/data/check/${kind}/${finding}`} label={t("quality.open", { what: words.finding(finding) })}>
      {children}
    </Figure>
  );
}

function Fields({ kind }: { kind: QualityKind }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useQualityWords();
  const range = (f: QualityField): ReactNode => {
    if (f.fence) {
      const bound = (n: number) => (f.fence?.money ? format.amount(n) : format.quantity(n));
      return t("quality.range", { low: bound(f.fence.low), high: bound(f.fence.high) });
    }
    return kind.findings.some((x) => x.key === `outlier_${f.name}`) ? t("quality.no_fence") : "–";
  };
  return (
    <Panel title={t("quality.fields")} flush>
      <Box className={classes.wide} tabIndex={0} role="region" aria-label={t("quality.as_table", { what: t("quality.fields") })}>
        <Table fz="sm" verticalSpacing={6} highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("quality.field_head")}</Table.Th>
              <Table.Th ta="right">{t("quality.filled")}</Table.Th>
              <Table.Th ta="right">{t("quality.missing")}</Table.Th>
              <Table.Th ta="right">{t("quality.wrong_head")}</Table.Th>
              <Table.Th ta="right">{t("quality.distinct")}</Table.Th>
              <Table.Th ta="right">{t("quality.outliers")}</Table.Th>
              <Table.Th ta="right">{t("quality.usual")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {kind.fields.map((f) => (
              <Table.Tr key={f.name}>
                <Table.Td>{words.field(f.name)}</Table.Td>
                <Table.Td ta="right" className="num">
                  {format.percent(f.of ? f.filled / f.of : 0)}
                </Table.Td>
                <Table.Td ta="right" className="num">
                  <Opened kind={kind.kind} finding={f.missing_rows ? `missing_${f.name}` : ""}>
                    {format.number(f.of - f.filled)}
                  </Opened>
                </Table.Td>
                <Table.Td ta="right" className="num">
                  <Opened kind={kind.kind} finding={f.invalid_rows ? `invalid_${f.name}` : ""}>
                    {format.number(f.filled - f.valid)}
                  </Opened>
                </Table.Td>
                <Table.Td ta="right" className="num">
                  {format.number(f.distinct)}
                </Table.Td>
                <Table.Td ta="right" className="num">
                  {f.outliers == null ? (
                    "–"
                  ) : (
                    <Opened kind={kind.kind} finding={`outlier_${f.name}`}>
                      {format.number(f.outliers)}
                    </Opened>
                  )}
                </Table.Td>
                <Table.Td ta="right" className="num">
                  {range(f)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Box>
    </Panel>
  );
}
