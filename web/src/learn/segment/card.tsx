import { ActionIcon, Anchor, Group, Select, Stack, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { segmentsOfQuery, segmentsQuery } from "../../api/segment-queries";
import type { Segment } from "../../api/types";
import { Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, ProblemNotice } from "../../ui/states";
import { KindBadge } from "./page";

/** Puts one customer into a frozen segment or takes it out. */
function useMember() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ of, add, remove }: { of: Segment; add?: string[]; remove?: string[] }) =>
      ask(api.POST("/segments/{id}/members", { params: { path: { id: of.id }, header: ifMatch(of.version) }, body: { add, remove } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["segments"] }),
  });
}

/** A button that takes a customer out of a frozen segment. */
export function TakeOut({ of, customer, name }: { of: Segment; customer: string; name: string }) {
  const { t } = useTranslation();
  const member = useMember();
  if (member.error) return <ProblemNotice cause={member.error} />;
  return (
    <ActionIcon variant="subtle" color="gray" loading={member.isPending} disabled={member.isSuccess} aria-label={t("segment.take_out", { name, segment: of.name })} title={t("segment.take_out", { name, segment: of.name })} onClick={() => member.mutate({ of, remove: [customer] })}>
      <IconX size={15} />
    </ActionIcon>
  );
}

/** On the card: the segments that the customer is in. */
export function SegmentsPanel({ customerId, name }: { customerId: string; name: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const segments = useQuery({ ...segmentsOfQuery(customerId), enabled: can("segment.read") });
  const changeable = (useQuery({ ...segmentsQuery, enabled: can("segment.write") }).data ?? []).filter((s) => s.kind === "frozen" && s.may_change);
  const member = useMember();
  if (!can("segment.read")) return null;
  const others = changeable.filter((s) => !segments.data?.some((o) => o.id === s.id));
  return (
    <Panel title={t("nav.segments")}>
      <Stack gap="sm">
        <Answered of={segments} height={40}>
        {(all) =>
          all.length === 0 ? (
            <Text size="sm" c="dimmed">{t("segment.in_none")}</Text>
          ) : (
            <Stack gap={6}>
              {all.map((s) => (
                <Group key={s.id} justify="space-between" gap="xs" wrap="nowrap">
                  <Anchor component={Link} to="/map/segments/$id" params={{ id: s.id } as never} size="sm">{s.name}</Anchor>
                  <Group gap={2} wrap="nowrap">
                    <KindBadge kind={s.kind} />
                    {changeable.filter((o) => o.id === s.id).map((o) => (
                      <TakeOut key={o.id} of={o} customer={customerId} name={name} />
                    ))}
                  </Group>
                </Group>
              ))}
            </Stack>
          )
        }
      </Answered>
        {member.error && <ProblemNotice cause={member.error} />}
        {others.length > 0 && (
          <Select size="xs" aria-label={t("segment.put_into")} placeholder={t("segment.put_into")} data={others.map((s) => ({ value: s.id, label: s.name }))} value={null} disabled={member.isPending} searchable openOnFocus={false}
            onChange={(id) => {
              const of = others.find((s) => s.id === id);
              if (of) member.mutate({ of, add: [customerId] });
            }} />
        )}
      </Stack>
    </Panel>
  );
}
