import { useTranslation } from "react-i18next";
import type { Reject } from "../../api/types";

/** Why a row was rejected, in the reader's language for the common reasons; else the server's sentence. */
export function useReason(): (reject: Pick<Reject, "code" | "value" | "column" | "reason">) => string {
  const { t, i18n } = useTranslation();
  return ({ code, value, column, reason }) => (code && i18n.exists(`reject.${code}`) && i18n.language !== "en" ? t(`reject.${code}`, { value, column }) : reason);
}
