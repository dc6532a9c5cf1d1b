import { Anchor, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { segmentsOfQuery } from "../../api/queries";
import { Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered } from "../../ui/states";
import { KindBadge } from "./page";

/** On the card: the segments that the customer is in. */
export function SegmentsPanel({ customerId }: { customerId: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const segments = useQuery({ ...segmentsOfQuery(customerId), enabled: can("segment.read") });
  if (!can("segment.read")) return null;
  return (
    <Panel title={t("nav.segments")}>
      <Answered of={segments} height={40}>
        {(all) =>
          all.length === 0 ? (
            <Text size="sm" c="dimmed">{t("segment.in_none")}</Text>
          ) : (
            <Stack gap={6}>
              {all.map((s) => (
                <Group key={s.id} justify="space-between" gap="xs" wrap="nowrap">
                  <Anchor component={Link} to="/map/segments/$id" params={{ id: s.id } as never} size="sm">{s.name}</Anchor>
                  <KindBadge kind={s.kind} />
                </Group>
              ))}
            </Stack>
          )
        }
      </Answered>
    </Panel>
  );
}
