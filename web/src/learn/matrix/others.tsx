import { Anchor, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { matricesQuery, placeOthersQuery } from "../../api/queries";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { behindAny, useMatrixWords } from "./words";

/** On the card: the customer's cell in every other matrix, each the link to the customers that stand there too. */
export function OthersPanel({ customerId, as_of }: { customerId: string; as_of?: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMatrixWords();
  const matrices = useQuery(matricesQuery).data;
  const places = useQuery(placeOthersQuery(customerId, as_of)).data; // where there is none, the panel of the customer matrix says why
  if (!places || places.length === 0 || !matrices) return null;
  return (
    <Panel title={t("place.others")} aside={<Text size="xs" c="dimmed">{format.date(places[0]!.as_of)}</Text>}>
      <Stack gap={6}>
        {places.map((p) => {
          const of = matrices.find((m) => m.key === p.matrix);
          if (!of) return null;
          const cell = words.cell(of, p.row, p.column);
          return (
            <Group key={p.matrix} justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
              <Text size="sm" c="dimmed">{words.name(of)}</Text>
              <Anchor component={Link} to="/map/customers" search={behindAny({ as_of: p.as_of }, p.matrix, { cell: p.key }) as never} size="sm" ta="right" aria-label={t("place.others_label", { cell, matrix: words.name(of) })}>
                {cell}
              </Anchor>
            </Group>
          );
        })}
      </Stack>
    </Panel>
  );
}
