import { useTranslation } from "react-i18next";
import type { QualityFinding, QualityRun } from "../../api/types";
import { useFormat } from "../../ui/format";
import classes from "./quality.module.css";

/** What a finding is called, and what it blocks. */
export function useQualityWords() {
  const { t, i18n } = useTranslation();
  const field = (name: string) => t(`quality.field.${name}`);
  const finding = (key: string) => {
    if (key.startsWith("missing_")) return t("quality.without", { field: field(key.slice(8)) });
    if (key.startsWith("invalid_")) return t("quality.wrong", { field: field(key.slice(8)) });
    if (key.startsWith("outlier_")) return t("quality.far_off", { field: field(key.slice(8)) });
    return t(`quality.finding.${key}`);
  };
  const blocks = (kind: string, key: string) => {
    if (i18n.exists(`quality.blocks.${kind}_${key}`)) return t(`quality.blocks.${kind}_${key}`);
    return i18n.exists(`quality.blocks.${key}`) ? t(`quality.blocks.${key}`) : "";
  };
  return { field, finding, blocks, kind: (key: string) => t(`quality.kind.${key}`) };
}

const order = ["D", "C", "B", "A"];

/** Findings that are not zero, the worst and then the largest part first. */
export function worstFirst(findings: QualityFinding[]): QualityFinding[] {
  const part = (f: QualityFinding) => (f.of ? f.count / f.of : 0);
  const weight = (f: QualityFinding) => (f.weight === "hint" ? 1 : 0);
  return findings
    .filter((f) => f.count > 0)
    .sort((a, b) => order.indexOf(a.grade) - order.indexOf(b.grade) || weight(a) - weight(b) || part(b) - part(a));
}

/** The letter of a grade; "–" where there is nothing to grade. */
export function GradeMark({ grade, small }: { grade: string; small?: boolean }) {
  const { t } = useTranslation();
  return (
    <span className={classes.grade} data-grade={grade} data-small={small || undefined} role="img" aria-label={grade ? t("quality.grade", { grade }) : t("quality.no_grade")}>
      {grade || "–"}
    </span>
  );
}

/** When a check was made and what brought it about, in words. */
export function useRunWords(): (run: Pick<QualityRun, "as_of" | "created_at" | "cause" | "import_no" | "created_by_name">) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return (run) => {
    const when = t("quality.as_of", { date: format.date(run.as_of), at: format.instant(run.created_at) });
    if (run.cause === "import") return `${when} ${t("quality.by_import", { no: format.number(run.import_no) })}`;
    return run.created_by_name ? `${when} ${t("quality.by", { name: run.created_by_name })}` : when;
  };
}

/** What part a finding is of the records; a part that is there is never shown as nothing. */
export function usePart(): (f: Pick<QualityFinding, "count" | "of">) => string {
  const format = useFormat();
  return ({ count, of }) => {
    const part = of ? count / of : 0;
    return count > 0 && part < 0.001 ? `< ${format.percent(0.001)}` : format.percent(part);
  };
}
