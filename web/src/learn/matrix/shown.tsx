import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../ui/format";
import { EstimatedNote } from "../wallet/note";

/** What a picture shows: the date, the window, how many customers, and the currency. */
export function Shown({ of, customers }: { of: { as_of: string; window: { months: number }; currency: string }; customers: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Text size="sm" c="dimmed" className="num" data-shown style={{ whiteSpace: "normal" }}>
      {t("matrix.shown", { as_of: format.date(of.as_of), months: of.window.months, customers: format.number(customers), currency: of.currency })}
      <EstimatedNote as_of={of.as_of} />
    </Text>
  );
}
