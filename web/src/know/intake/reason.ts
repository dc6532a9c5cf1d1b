import { useTranslation } from "react-i18next";
import type { Reject } from "../../api/types";

/**
 * Why a row was rejected, in the reader's language where it has the sentence.
 * A row that was kept before reasons had codes shows the server's English.
 */
export function useReason(): (reject: Pick<Reject, "reasons" | "reason">) => string {
  const { t, i18n } = useTranslation();
  return ({ reasons, reason }) =>
    reasons.length === 0 || i18n.language === "en"
      ? reason
      : reasons.map((r) => (r.code && i18n.exists(`reject.${r.code}`) ? t(`reject.${r.code}`, r.params ?? {}) : r.text)).join(" ");
}
