import { Stack, Table, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ImportKind, Job, Trial } from "../../api/types";
import { useFormat } from "../../ui/format";
import { JobProgress } from "../../ui/job";
import classes from "./intake.module.css";
import { useReason } from "./reason";

/** Follows a trial and shows what the import would do. Nothing of it is kept. */
export function TrialStep({ job, kind }: { job: Job; kind: ImportKind }) {
  const { t } = useTranslation();
  const [ended, setEnded] = useState<Job>();
  const found = ended?.state === "done" ? (ended.result as unknown as Trial) : undefined;
  return (
    <Stack>
      {!found && <JobProgress id={job.id} onEnd={setEnded} />}
      {!found && (
        <Text size="sm" c="dimmed">
          {t("import.trial_running")}
        </Text>
      )}
      {found && <Found trial={found} kind={kind} />}
    </Stack>
  );
}

function Found({ trial, kind }: { trial: Trial; kind: ImportKind }) {
  const { t } = useTranslation();
  const format = useFormat();
  const reason = useReason();
  const label = (field: string) => kind.fields.find((f) => f.name === field)?.label ?? field;
  return (
    <Stack gap="lg">
      <div>
        <Text size="sm" mb="sm">
          {t("import.trial_intro")}
        </Text>
        <dl className={classes.counts}>
          {(["read", "created", "updated", "unchanged", "rejected"] as const).map((c) => (
            <div key={c}>
              <dt>{t(`import.count_${c}`)}</dt>
              <dd>{format.number(trial[c])}</dd>
            </div>
          ))}
        </dl>
        {trial.stubs > 0 && (
          <Text size="sm" mt="sm">
            {t("import.trial_stubs", { count: trial.stubs, number: format.number(trial.stubs) })}
          </Text>
        )}
      </div>
      {trial.reasons.length > 0 && (
        <Part title={t("import.trial_reasons")}>
          <Table fz="sm" verticalSpacing={5}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th ta="right">{t("import.rows")}</Table.Th>
                <Table.Th>{t("import.by_column")}</Table.Th>
                <Table.Th>{t("import.reason_first")}</Table.Th>
                <Table.Th ta="right">{t("import.line")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {trial.reasons.map((r, i) => (
                <Table.Tr key={i}>
                  <Table.Td ta="right" className="num">{format.number(r.rows)}</Table.Td>
                  <Table.Td>{r.column || "–"}</Table.Td>
                  <Table.Td className={classes.why}>{reason(r.example)}</Table.Td>
                  <Table.Td ta="right" className="num">{format.number(r.example.line)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Part>
      )}
      {trial.rows.length > 0 && (
        <Part title={t("import.trial_rows")}>
          <Changes rows={trial.rows} fields={kind.fields.map((f) => f.name)} label={label} />
        </Part>
      )}
    </Stack>
  );
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div>
      <Text fw={600} size="sm" mb={6}>
        {title}
      </Text>
      <div className={classes.rows} tabIndex={0} role="region" aria-label={title}>
        {children}
      </div>
    </div>
  );
}

const shown = (value: unknown): string => (value === undefined || value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value as string | number | boolean));

/** The first rows as they are and as they would become; what changes is marked. */
function Changes({ rows, fields, label }: { rows: Trial["rows"]; fields: string[]; label: (field: string) => string }) {
  const { t } = useTranslation();
  const used = fields.filter((f) => rows.some((r) => shown(r.after[f]) !== "" || shown(r.before?.[f]) !== ""));
  return (
    <Table fz="sm" verticalSpacing={5}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("import.becomes")}</Table.Th>
          {used.map((f) => (
            <Table.Th key={f}>{label(f)}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((r) => (
          <Table.Tr key={r.row_no}>
            <Table.Td>{t(r.before ? "import.count_updated" : "import.count_created")}</Table.Td>
            {used.map((f) => {
              const before = shown(r.before?.[f]);
              const after = shown(r.after[f]);
              return (
                <Table.Td key={f}>
                  {r.before && before !== after ? (
                    <>
                      <del className={classes.was}>{before || t("import.empty")}</del> <ins className={classes.becomes}>{after || t("import.empty")}</ins>
                    </>
                  ) : (
                    after
                  )}
                </Table.Td>
              );
            })}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
