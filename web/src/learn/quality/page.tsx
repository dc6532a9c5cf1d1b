import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { qualityQuery, qualityRunsQuery } from "../../api/queries";
import type { QualityKind, QualityReport } from "../../api/types";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { JobProgress } from "../../ui/job";
import { PageHeader, Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, Empty, ProblemNotice } from "../../ui/states";
import { Months } from "./months";
import classes from "./quality.module.css";
import { GradeTrend } from "./trend";
import { GradeMark, usePart, useQualityWords, useRunWords, worstFirst } from "./words";

/** Data › Data check: a card for each kind of import, the months, and how the grades have moved. */
export function QualityPage() {
  const runs = useQuery(qualityRunsQuery);
  return <Answered of={runs}>{(made) => (made.length > 0 ? <Checked /> : <NeverChecked />)}</Answered>;
}

function Checked() {
  const { t } = useTranslation();
  const can = useCan();
  const report = useQuery(qualityQuery);
  const words = useRunWords();
  return (
    <>
      <PageHeader title={t("quality.title")} actions={can("quality.run") && <CheckNow />}>
        {t("quality.intro")}
        {report.data && <div>{words(report.data)}</div>}
      </PageHeader>
      <Answered of={report}>{(data) => <Overview report={data} />}</Answered>
    </>
  );
}

function NeverChecked() {
  const { t } = useTranslation();
  const can = useCan();
  const actions = (
    <Group justify="center">
      {can("import.run") && (
        <Button component={Link} to="/data/import/new" leftSection={<IconUpload size={16} />}>
          {t("quality.go_import")}
        </Button>
      )}
      {can("quality.run") && <CheckNow />}
    </Group>
  );
  return (
    <>
      <PageHeader title={t("quality.title")}>{t("quality.intro")}</PageHeader>
      <Panel>
        <Empty title={t("quality.empty_title")} action={actions}>
          {t(can("quality.run") ? "quality.empty" : "quality.empty_ask")}
        </Empty>
      </Panel>
    </>
  );
}

/** Starts a check, and shows how far it is. */
function CheckNow() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const start = useMutation({
    mutationFn: () => ask(api.POST("/quality")),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["jobs"] }),
  });
  const ended = () => {
    start.reset();
    void queries.invalidateQueries({ queryKey: ["quality"] });
  };
  return (
    <Stack gap="xs" miw={180} ta="left">
      {start.error && <ProblemNotice cause={start.error} />}
      {start.data ? (
        <JobProgress id={start.data.job.id} onEnd={ended} />
      ) : (
        <Button variant="default" loading={start.isPending} onClick={() => start.mutate()}>
          {t("quality.run")}
        </Button>
      )}
    </Stack>
  );
}

function Overview({ report }: { report: QualityReport }) {
  const { t } = useTranslation();
  const can = useCan();
  const nothing = report.kinds.every((k) => k.records === 0);
  if (nothing) {
    const action = can("import.run") && (
      <Button component={Link} to="/data/import/new" leftSection={<IconUpload size={16} />}>
        {t("quality.go_import")}
      </Button>
    );
    return (
      <Panel>
        <Empty title={t("quality.empty_title")} action={action}>
          {t("quality.empty")}
        </Empty>
      </Panel>
    );
  }
  return (
    <>
      <div className={classes.cards}>
        {report.kinds.map((k) => (
          <KindCard key={k.kind} kind={k} />
        ))}
      </div>
      <div className={classes.stack}>
        <Months report={report} />
        <GradeTrend />
        <Rules />
      </div>
    </>
  );
}

const shown = 3;

function KindCard({ kind }: { kind: QualityKind }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useQualityWords();
  const part = usePart();
  const blocking = worstFirst(kind.findings).filter((f) => f.grade !== "A");
  const name = words.kind(kind.kind);
  return (
    <section className={`panel ${classes.card}`} aria-label={name}>
      <Group gap="sm" wrap="nowrap">
        <GradeMark grade={kind.grade} />
        <div>
          <Title order={2} fz="md">
            {kind.records > 0 ? (
              <Link to="/data/check/$kind" params={{ kind: kind.kind } as never} className="quiet-link">
                {name}
              </Link>
            ) : (
              name
            )}
          </Title>
          <Text size="xs" c="dimmed" className="num">
            {t("quality.records", { count: kind.records, number: format.number(kind.records) })}
          </Text>
        </div>
      </Group>
      {kind.records === 0 && <Text size="sm">{t(`quality.absent.${kind.kind}`)}</Text>}
      {kind.records > 0 && blocking.length === 0 && <Text size="sm">{t("quality.fine")}</Text>}
      {blocking.length > 0 && (
        <ul className={classes.list}>
          {blocking.slice(0, shown).map((f) => (
            <li key={f.key}>
              <Text size="sm" component="div">
                <b>{words.finding(f.key)}</b>:{" "}
                {f.rows ? (
                  <Figure to={`/data/check/${kind.kind}/${f.key}`} label={t("quality.open", { what: words.finding(f.key) })}>
                    {t("quality.of", { count: format.number(f.count) as never, of: format.number(f.of) })}
                  </Figure>
                ) : (
                  t("quality.of", { count: format.number(f.count) as never, of: format.number(f.of) })
                )}{" "}
                ({part(f)})
              </Text>
              <Text size="sm" c="dimmed">
                {words.blocks(kind.kind, f.key)}
              </Text>
            </li>
          ))}
        </ul>
      )}
      {kind.records > 0 && (
        <Text size="sm" mt="auto">
          <Link to="/data/check/$kind" params={{ kind: kind.kind } as never}>
            {t("quality.details", { kind: name })}
          </Link>
          {blocking.length > shown && (
            <Text span c="dimmed">
              {" "}
              {t("quality.more_findings", { count: blocking.length - shown })}
            </Text>
          )}
        </Text>
      )}
    </section>
  );
}

/** How grades, outliers and unusual months come about. */
export function Rules() {
  const { t } = useTranslation();
  return (
    <Panel title={t("quality.rule")}>
      <Stack gap="xs" maw={860}>
        <Text size="sm">{t("quality.rule_text")}</Text>
        <Text size="sm">{t("quality.rule_outliers")}</Text>
        <Text size="sm">{t("quality.rule_months")}</Text>
      </Stack>
    </Panel>
  );
}
