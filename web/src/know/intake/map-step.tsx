import { Alert, Checkbox, Grid, Select, Stack, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ImportKind, Mapping, Preview, StoredFile } from "../../api/types";
import { FieldRule } from "./field-rule";
import { FileDrop } from "./files";
import classes from "./intake.module.css";
import { inOrder, missingFiles, noRule, type Rule } from "./mapping";
import { MappingFile } from "./mapping-file";

type Props = {
  kinds: ImportKind[];
  kind?: ImportKind;
  onKind: (key: string) => void;
  preview: Preview;
  rules: Record<string, Rule>;
  onRules: (rules: Record<string, Rule>) => void;
  /** What the server found wrong, by field. */
  errors: Record<string, string>;
  lookups: StoredFile[];
  onLookups: (change: (old: StoredFile[]) => StoredFile[]) => void;
  source: string;
  onSource: (source: string) => void;
  mapping?: () => Mapping;
  onMappingText: (text: string) => void;
  busy: boolean;
  /** By field, what becomes of rows that name what nobody knows. */
  unknown: Record<string, string>;
  onUnknown: (unknown: Record<string, string>) => void;
};

/** What the rows are, and where each field comes from; proposals stand filled in. */
export function MapStep({ kinds, kind, onKind, preview, rules, onRules, errors, lookups, onLookups, source, onSource, mapping, onMappingText, busy, unknown, onUnknown }: Props) {
  const { t, i18n } = useTranslation();
  const lacking = missingFiles(rules, lookups);
  const about = (key: string) => (i18n.exists(`import.about.${key}`) ? t(`import.about.${key}`) : "");
  return (
    <Stack>
      <Grid gap="sm">
        <Grid.Col span={{ base: 12, xs: 6, md: 4 }}>
          <Select label={t("import.kind")} description={kind ? about(kind.key) : t("import.kind_help")} allowDeselect={false} value={kind?.key ?? null} onChange={(k) => k && onKind(k)}
            data={inOrder(kinds).map((k) => ({ value: k.key, label: k.label }))} maxDropdownHeight={560}
            renderOption={({ option }) => (
              <div>
                <Text size="sm">{option.label}</Text>
                <Text size="xs" c="dimmed">{about(option.value)}</Text>
              </div>
            )} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, xs: 6, md: 4 }}>
          <TextInput label={t("import.source")} description={t("import.source_help")} value={source} onChange={(e) => onSource(e.currentTarget.value)} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <MappingFile onText={onMappingText} mapping={mapping} busy={busy} />
        </Grid.Col>
      </Grid>
      {lacking.length > 0 && (
        <Alert color="yellow" title={t("import.files_lacking", { files: lacking.join(", ") })}>
          <FileDrop small files={lookups} onChange={onLookups} title={t("import.lookup_files")} help={t("import.lookup_files_help")} />
        </Alert>
      )}
      {!kind && (
        <Text size="sm" c="dimmed">
          {t("import.kind_first")}
        </Text>
      )}
      {preview.follows_no && <Alert color="tide">{t("import.recognised_rejects", { no: preview.follows_no })}</Alert>}
      {preview.remembered_from && <Alert color="tide">{t("import.remembered", { no: preview.remembered_from })}</Alert>}
      {kind?.fields.some((f) => f.refers) && (
        <Stack gap={6}>
          {kind.fields.filter((f) => f.refers).map((f) => (
            <Checkbox key={f.name} label={t(`import.create_${f.refers ?? ""}`)} description={t("import.create_help")} checked={unknown[f.name] === "create"}
              onChange={(e) => onUnknown({ ...unknown, [f.name]: e.currentTarget.checked ? "create" : "reject" })} />
          ))}
        </Stack>
      )}
      {kind && (
        <div className={classes.fields}>
          {kind.fields.map((f) => (
            <FieldRule key={`${kind.key}.${f.name}`} field={f} preview={preview} lookups={lookups} rule={rules[f.name] ?? noRule} error={errors[`mapping.columns.${f.name}`]}
              onChange={(r) => onRules({ ...rules, [f.name]: r })} />
          ))}
        </div>
      )}
    </Stack>
  );
}
