import { Anchor, Group, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Boundaries, ColumnKey, Matrix, RowKey } from "../../api/types";
import { useFormat } from "../../ui/format";
import type { FigureKey } from "./cell";
import classes from "./matrix.module.css";

/** Where the cuts lie, in words: "1.2m DKK and more", "under 25 %". */
export function useBoundaryWords({ boundaries }: { boundaries: Boundaries }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { potential, share } = boundaries;
  return {
    row: (row: RowKey): string => {
      const { gold, silver } = potential;
      if (row === "gold") return gold === null ? t("cut.nobody") : t("cut.at_least", { value: format.cutMoney(gold) });
      if (row === "silver" && silver === null) return t("cut.nobody");
      if (row === "silver" && gold === null) return t("cut.at_least", { value: format.cutMoney(silver) });
      if (row === "silver") return t("cut.between", { from: format.cutAmount(silver), to: format.cutMoney(gold) });
      if (row === "bronze") return silver === null && gold === null ? t("cut.all") : t("cut.under", { value: format.cutMoney(silver ?? gold) });
      return t("cut.unknown");
    },
    column: (column: ColumnKey): string => {
      if (column === "prospect") return t("cut.nothing");
      const { sailer, loyal } = share;
      if (column === "bubble") return sailer === null && loyal === null ? t("cut.all") : t("cut.under", { value: format.cut(sailer ?? loyal) });
      if (column === "sailer" && sailer === null) return t("cut.nobody");
      if (column === "sailer" && loyal === null) return t("cut.at_least", { value: format.cut(sailer) });
      if (column === "sailer") return t("cut.between", { from: format.cut(sailer), to: format.cut(loyal) });
      return loyal === null ? t("cut.nobody") : t("cut.at_least", { value: format.cut(loyal) });
    },
  };
}

/** What the picture says: how to read it, when it was computed, where the cuts are set. */
export function Legend({ matrix, figure }: { matrix: Matrix; figure: FigureKey }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Stack gap={6} component="aside" aria-label={t("matrix.legend")}>
      <Group gap="md">
        <Group gap={8} wrap="nowrap">
          <Text size="xs" c="dimmed">
            {t("matrix.less")}
          </Text>
          <span className={classes.scale} aria-hidden />
          <Text size="xs" c="dimmed">
            {t("matrix.more", { figure: t(`figure.${figure}`) })}
          </Text>
        </Group>
        <Text size="xs" c="dimmed">
          {t("matrix.computed", { at: format.instant(matrix.computed_at), from: format.date(matrix.window.from), to: format.date(matrix.window.to) })}
        </Text>
        <Anchor component={Link} to="/settings/matrix" search={{ cuts: "1" } as never} size="xs">
          {t("matrix.cuts_link")}
        </Anchor>
      </Group>
      <Text size="xs" c="dimmed" maw={860}>
        {t("matrix.explain", { currency: matrix.currency })}
      </Text>
    </Stack>
  );
}
