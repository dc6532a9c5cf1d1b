import { Box, Button, Group, Menu, Stack, Stepper, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { address, api, ask } from "../../api/client";
import { problemOf } from "../../api/problem";
import { importKindsQuery, importQuery } from "../../api/queries";
import type { Begun, BegunJob, Dialect, ImportKind, Preview, PreviewInput, StoredFile } from "../../api/types";
import { PageHeader, Panel } from "../../ui/page";
import { Answered, Loading, ProblemNotice } from "../../ui/states";
import { FileDrop } from "./files";
import classes from "./intake.module.css";
import { inOrder, mappingOf, missing, missingFiles, ruleOf, type Rule } from "./mapping";
import { MapStep } from "./map-step";
import { RecogniseStep } from "./recognise";
import { RunStep } from "./run";
import { TrialStep } from "./trial";

/** What is asked of the first file again; what is left out stays as it is. */
type Again = { kind?: string; dialect?: Dialect; mapping_text?: string };

/**
 * Data › Import: files → recognised → mapped → tried → run. Nothing is stored before
 * the last step. `after` is offered below the report.
 */
export function ImportWizard({ after }: { after?: ReactNode }) {
  const { t } = useTranslation();
  const kinds = useQuery(importKindsQuery);
  const [step, setStep] = useState(0);
  const [files, setFiles] = useState<StoredFile[]>([]);
  const [lookups, setLookups] = useState<StoredFile[]>([]);
  const [dialect, setDialect] = useState<Dialect>();
  const [kind, setKind] = useState<string>();
  const [source, setSource] = useState("");
  const [rules, setRules] = useState<Record<string, Rule>>({});
  const [unknown, setUnknown] = useState<Record<string, string>>({});
  const [preview, setPreview] = useState<Preview>();
  const { like } = useSearch({ strict: false }) as { like?: string };
  const liked = useQuery({ ...importQuery(like ?? ""), enabled: like !== undefined });

  const recognise = useMutation({
    mutationFn: ({ want }: { want: PreviewInput; keep?: boolean }) => ask(api.POST("/imports/preview", { body: { ...want, sheet: want.dialect?.sheet } })),
    onSuccess: (found, { keep }) => {
      const columns = found.columns.map((c) => c.name);
      const same = preview !== undefined && columns.join("\n") === preview.columns.map((c) => c.name).join("\n");
      setPreview(found);
      setDialect(found.dialect);
      if (keep && same) return; // reading the same columns otherwise keeps what was set for them
      setKind(found.kind || undefined);
      setRules(Object.fromEntries(Object.entries(found.mapping.columns).map(([f, e]) => [f, ruleOf(e, columns)])));
      setUnknown(found.mapping.unknown ?? {});
      setSource((old) => found.mapping.source || old);
    },
  });
  const request = (key: string) => {
    const mapping = mappingOf(key, source, rules, unknown);
    return { kind: key, file_ids: files.map((f) => f.id), lookup_file_ids: lookups.map((f) => f.id), mapping, dialect, source: mapping.source, follows: preview?.follows };
  };
  const attempt = useMutation<BegunJob, Error, string>({ mutationFn: (key) => ask(api.POST("/imports/trial", { body: request(key) })), onSuccess: () => setStep(3) });
  const start = useMutation<Begun, Error, string>({ mutationFn: (key) => ask(api.POST("/imports", { body: request(key) })), onSuccess: () => setStep(4) });
  const first = files[0];
  const again = (change: Again) => {
    if (!first) return;
    start.reset();
    attempt.reset();
    recognise.mutate({ want: { file_id: first.id, kind: change.kind ?? kind, dialect: change.dialect ?? dialect, mapping_text: change.mapping_text }, keep: change.dialect !== undefined });
  };
  const afterFiles = () => {
    setStep(1);
    if (first) recognise.mutate({ want: { file_id: first.id, ...(liked.data ? { mapping_text: JSON.stringify(liked.data.mapping) } : {}) } });
  };

  return (
    <>
      <PageHeader title={t("import.start")} crumbs={[{ label: t("nav.import"), to: "/data/import" }]}>
        {t("import.intro")}
      </PageHeader>
      <Answered of={kinds}>
        {(list) => {
          const chosen = list.find((k) => k.key === kind);
          const lacking = chosen ? [...missing(chosen, rules), ...missingFiles(rules, lookups)] : [];
          return (
            <>
              <Stepper active={step} onStepClick={(s) => step < 4 && s < step && setStep(s)} size="sm" mb="lg" iconSize={30} wrap={false} classNames={{ step: classes.step, stepBody: classes.stepBody }}>
                <Stepper.Step label={t("import.step_files")} />
                <Stepper.Step label={t("import.step_recognise")} />
                <Stepper.Step label={t("import.step_map")} />
                <Stepper.Step label={t("import.step_trial")} />
                <Stepper.Step label={t("import.step_run")} />
              </Stepper>
              {step === 0 && (
                <Panel>
                  <FilesStep files={files} onFiles={setFiles} lookups={lookups} onLookups={setLookups} />
                  <Steps next={t("action.continue")} onNext={afterFiles} disabled={files.length === 0} />
                </Panel>
              )}
              {step > 0 && step < 3 && recognise.error && (
                <Box mb="md">
                  <ProblemNotice cause={recognise.error} retry={() => again({})} />
                </Box>
              )}
              {step > 0 && step < 3 && recognise.isPending && !preview && <Loading />}
              {step === 1 && preview && (
                <Panel>
                  <RecogniseStep preview={preview} file={first} busy={recognise.isPending} onDialect={(d) => again({ dialect: d })} />
                  <Steps back={() => setStep(0)} next={t("action.continue")} onNext={() => setStep(2)} disabled={recognise.isPending} />
                </Panel>
              )}
              {step === 2 && preview && (
                <Panel>
                  <MapStep kinds={list} kind={chosen} onKind={(k) => again({ kind: k })} preview={preview} rules={rules} onRules={setRules} errors={attempt.error ? problemOf(attempt.error).fields : {}} unknown={unknown} onUnknown={setUnknown}
                    lookups={lookups} onLookups={setLookups} source={source} onSource={setSource} mapping={chosen && (() => mappingOf(chosen.key, source, rules, unknown))}
                    onMappingText={(mapping_text) => again({ mapping_text })} busy={recognise.isPending} />
                  {attempt.error && (
                    <Box mt="md">
                      <ProblemNotice cause={attempt.error} shown={chosen?.fields.map((f) => `mapping.columns.${f.name}`)} />
                    </Box>
                  )}
                  <Steps back={() => setStep(1)} next={t("import.try")} onNext={() => chosen && attempt.mutate(chosen.key)} busy={attempt.isPending} disabled={!chosen || lacking.length > 0 || recognise.isPending}
                    why={chosen && lacking.length > 0 ? t("import.lacking", { fields: lacking.join(", ") }) : undefined} />
                </Panel>
              )}
              {step === 3 && attempt.data && chosen && (
                <Panel title={t("import.step_trial")}>
                  <TrialStep key={attempt.data.job.id} job={attempt.data.job} kind={chosen} />
                  {start.error && (
                    <Box mt="md">
                      <ProblemNotice cause={start.error} />
                    </Box>
                  )}
                  <Steps back={() => setStep(2)} next={t("import.run")} onNext={() => start.mutate(chosen.key)} busy={start.isPending} />
                </Panel>
              )}
              {step === 4 && start.data && <RunStep started={start.data} after={after} />}
              {step === 0 && (
                <Group mt="md">
                  <Templates kinds={list} />
                  <Button component={Link} to="/data/import" variant="subtle">
                    {t("import.history")}
                  </Button>
                </Group>
              )}
            </>
          );
        }}
      </Answered>
    </>
  );
}

/** Empty files of each kind, with the names of the columns. */
function Templates({ kinds }: { kinds: ImportKind[] }) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} />}>
          {t("import.templates")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflow: "auto" }}>
        {inOrder(kinds).map((k) => (
          <Menu.Item key={k.key} component="a" href={address(`/import-kinds/${k.key}/template`, { format: "xlsx" })} download>
            {k.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

type Change = (change: (old: StoredFile[]) => StoredFile[]) => void;

/** The files with the rows, and then those that values are looked up in. */
function FilesStep({ files, onFiles, lookups, onLookups }: { files: StoredFile[]; onFiles: Change; lookups: StoredFile[]; onLookups: Change }) {
  const { t } = useTranslation();
  return (
    <Stack>
      <FileDrop files={files} onChange={onFiles} title={t("import.drop")} help={t("import.formats")} />
      {files.length > 1 && (
        <Text size="sm" c="dimmed">
          {t("import.same_layout")}
        </Text>
      )}
      {files.length > 0 && <FileDrop small files={lookups} onChange={onLookups} title={t("import.lookup_files")} help={t("import.lookup_files_help")} />}
    </Stack>
  );
}

function Steps({ back, next, onNext, disabled, busy, why }: { back?: () => void; next: string; onNext: () => void; disabled?: boolean; busy?: boolean; why?: string }) {
  const { t } = useTranslation();
  return (
    <Group justify="space-between" mt="lg">
      {back ? (
        <Button variant="default" onClick={back}>
          {t("action.back")}
        </Button>
      ) : (
        <span />
      )}
      <Group gap="sm">
        {why && (
          <Box fz="sm" c="var(--mantine-color-error)" role="status">
            {why}
          </Box>
        )}
        <Button onClick={onNext} disabled={disabled} loading={busy}>
          {next}
        </Button>
      </Group>
    </Group>
  );
}
