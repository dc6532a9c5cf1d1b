import { ActionIcon, Collapse, Group, MultiSelect, Select, Text, TextInput, Tooltip } from "@mantine/core";
import { IconAdjustments } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { KindField, Preview, StoredFile } from "../../api/types";
import classes from "./intake.module.css";
import { plainJoin, refinements, type Rule } from "./mapping";
import { Refine } from "./refine";

type Props = { field: KindField; preview: Preview; lookups: StoredFile[]; rule: Rule; error?: string; onChange: (r: Rule) => void };

/** One field: where it comes from, what stands there, and what is done to it. */
export function FieldRule({ field, preview, lookups, rule, error, onChange }: Props) {
  const { t } = useTranslation();
  const count = refinements(rule);
  const [open, setOpen] = useState(count > 0 && rule.lookups.length === 0);
  const label = (what: string) => t("import.rule_label", { field: field.label, what });
  const refinable = rule.by === "column" || rule.by === "expression" || rule.by === "join" || (rule.by === "constant" && count > 0);
  return (
    <div className={classes.field}>
      <div>
        <Text size="sm" fw={550}>
          {field.label}
          {field.required && (
            <Text span c="var(--mantine-color-error)" aria-label={t("import.required")}>
              {" *"}
            </Text>
          )}
        </Text>
        {field.help && (
          <Text size="xs" c="dimmed">
            {field.help}
          </Text>
        )}
      </div>
      <Select aria-label={label(t("import.by"))} allowDeselect={false} value={rule.by} error={field.required && rule.by === "none"} onChange={(by) => onChange({ ...rule, by: (by ?? "none") as Rule["by"] })}
        data={(["none", "column", "join", "constant", "expression", "row"] as const).map((b) => ({ value: b, label: t(`import.by_${b}`) }))} />
      <Lead {...{ field, preview, rule, onChange }} label={label} />
      <Samples preview={preview} rule={rule} />
      {refinable ? (
        <Tooltip label={t("import.refine")}>
          <ActionIcon variant={count > 0 ? "light" : "subtle"} color={count > 0 ? undefined : "gray"} aria-label={label(t("import.refine"))} aria-expanded={open} onClick={() => setOpen(!open)}>
            <IconAdjustments size={17} />
          </ActionIcon>
        </Tooltip>
      ) : (
        <span />
      )}
      {error && (
        <Text size="xs" c="var(--mantine-color-error)" className={classes.fieldError} role="alert">
          {error}
        </Text>
      )}
      {refinable && (
        <Collapse expanded={open} className={classes.collapse}>
          <Refine field={field} rule={rule} lookups={lookups} onChange={onChange} />
        </Collapse>
      )}
    </div>
  );
}

/** The column, the constant or the expression itself. */
function Lead({ field, preview, rule, onChange, label }: Pick<Props, "field" | "preview" | "rule" | "onChange"> & { label: (what: string) => string }) {
  const { t } = useTranslation();
  if (rule.by === "column") {
    const names = preview.columns.map((c) => c.name);
    const gone = rule.column !== "" && !names.includes(rule.column);
    return (
      <Select aria-label={label(t("import.by_column"))} searchable value={rule.column || null} data={gone ? [rule.column, ...names] : names} error={gone && t("import.no_such_column")}
        onChange={(c) => onChange({ ...rule, column: c ?? "" })} placeholder={t("import.pick_column")} />
    );
  }
  if (rule.by === "join") return <Join {...{ preview, rule, onChange }} label={label} />;
  if (rule.by === "row") {
    return (
      <Text size="xs" c="dimmed">
        {t("import.row_help")}
      </Text>
    );
  }
  if (rule.by === "constant" && field.choices) {
    return <Select aria-label={label(t("import.by_constant"))} value={rule.constant || null} data={field.choices} onChange={(c) => onChange({ ...rule, constant: c ?? "" })} placeholder={t("import.pick_value")} />;
  }
  if (rule.by === "constant") {
    return <TextInput aria-label={label(t("import.by_constant"))} value={rule.constant} onChange={(e) => onChange({ ...rule, constant: e.currentTarget.value })} />;
  }
  if (rule.by === "expression") {
    return <TextInput aria-label={label(t("import.by_expression"))} value={rule.expression} placeholder={t("import.expression_example")} onChange={(e) => onChange({ ...rule, expression: e.currentTarget.value })} />;
  }
  return <span />;
}

/** The columns that are put together. Parts that a mapping file looks up or maps are shown and kept. */
function Join({ preview, rule, onChange, label }: Pick<Props, "preview" | "rule" | "onChange"> & { label: (what: string) => string }) {
  const { t } = useTranslation();
  const columns = plainJoin(rule);
  const names = preview.columns.map((c) => c.name);
  return (
    <Group gap="xs" align="flex-end">
      {columns ? (
        <MultiSelect flex="1 1 150px" miw={0} aria-label={label(t("import.by_join"))} searchable data={[...new Set([...names, ...columns])]} value={columns} placeholder={columns.length === 0 ? t("import.pick_columns") : undefined}
          error={columns.some((c) => !names.includes(c)) && t("import.no_such_column")} onChange={(join) => onChange({ ...rule, join })} />
      ) : (
        <Text flex="1 1 150px" miw={0} size="sm" className={classes.raw}>
          {rule.join.map((j) => (typeof j === "string" ? j : (j.column ?? String(j.constant ?? t("import.by_row"))))).join(" + ")}
        </Text>
      )}
      <TextInput w={84} aria-label={label(t("import.with"))} description={t("import.with")} value={rule.with} onChange={(e) => onChange({ ...rule, with: e.currentTarget.value })} />
    </Group>
  );
}

/** What stands in the column, or how it is passed through other files. */
function Samples({ preview, rule }: Pick<Props, "preview" | "rule">) {
  const { t } = useTranslation();
  if (rule.lookups.length > 0 && rule.by !== "none") {
    const words = rule.lookups.map((l) => t("import.looked_up", { value: l.value, file: l.file })).join(", ");
    return (
      <div className={classes.samples} title={words}>
        {words}
      </div>
    );
  }
  const samples = rule.by === "column" ? (preview.columns.find((c) => c.name === rule.column)?.samples ?? []) : [];
  return (
    <div className={classes.samples} title={samples.join(" · ")}>
      {samples.slice(0, 3).join(" · ")}
    </div>
  );
}
