import { ActionIcon, Alert, Anchor, Badge, Button, Group, Stack, Text } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { rulesQuery, versionsQuery } from "../../api/queries";
import type { Rule, RuleListing, RuleShown } from "../../api/types";
import { ConfirmButton } from "../../ui/confirm";
import { PageHeader, Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, Empty, ProblemNotice } from "../../ui/states";
import { ComputeNow } from "../scoring/compute";
import { RuleForm } from "./form";
import { plain } from "./rule";

/** Settings › Own measures: expressions over measures and fields, and classes by cut points (Y11). */
export function RulesPage() {
  const { t } = useTranslation();
  const rules = useQuery(rulesQuery);
  return (
    <>
      <PageHeader title={t("nav.rules")}>{t("rule.intro")}</PageHeader>
      <Answered of={rules}>{({ data, tag }) => <Rules listing={data} tag={tag} />}</Answered>
    </>
  );
}

function Rules({ listing, tag }: { listing: RuleListing; tag: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const queries = useQueryClient();
  const [editing, setEditing] = useState<number | "new" | null>(null);
  const latest = useQuery(versionsQuery).data?.items.map((v) => v.as_of).sort().at(-1);
  const rules = listing.rules.map(plain);
  const put = async (next: Rule[]) => {
    await ask(api.PUT("/rules", { body: { rules: next }, params: { header: { "If-Match": tag } } }));
    setEditing(null);
    await queries.invalidateQueries({ queryKey: rulesQuery.queryKey });
  };
  const move = useMutation({
    mutationFn: ({ from, to }: { from: number; to: number }) => {
      const next = rules.filter((_, i) => i !== from);
      next.splice(to, 0, rules[from] as Rule);
      return put(next);
    },
  });
  if (editing !== null) {
    return <RuleForm key={String(editing)} listing={listing} rules={rules} at={editing === "new" ? rules.length : editing} onSave={put} onCancel={() => setEditing(null)} />;
  }
  return (
    <Stack maw={860}>
      {move.error && <ProblemNotice cause={move.error} />}
      {listing.rules.length === 0 ? (
        <Panel>
          <Empty title={t("rule.none_title")} action={<NewRule onClick={() => setEditing("new")} />}>
            {t("rule.none")}
          </Empty>
        </Panel>
      ) : (
        <>
          <ol style={{ listStyle: "none", margin: 0, padding: 0, display: "grid", gap: "var(--mantine-spacing-sm)" }}>
            {listing.rules.map((r, i) => (
              <li key={r.key}>
                <RuleCard rule={r} no={i + 1} onEdit={() => setEditing(i)} onDelete={() => put(rules.filter((_, j) => j !== i))}
                  onUp={i > 0 ? () => move.mutate({ from: i, to: i - 1 }) : undefined}
                  onDown={i < rules.length - 1 ? () => move.mutate({ from: i, to: i + 1 }) : undefined} />
              </li>
            ))}
          </ol>
          <Group>
            {rules.length < listing.most ? <NewRule onClick={() => setEditing("new")} /> : <Text size="sm">{t("rule.full", { most: listing.most })}</Text>}
            <Text size="sm" c="dimmed">
              {t("rule.later")}
            </Text>
          </Group>
          {latest && can("score.run") && <ComputeNow as_of={latest} again />}
        </>
      )}
    </Stack>
  );
}

function NewRule({ onClick }: { onClick: () => void }) {
  const { t } = useTranslation();
  return (
    <Button leftSection={<IconPlus size={16} />} onClick={onClick}>
      {t("rule.new")}
    </Button>
  );
}

function RuleCard({ rule, no, onEdit, onDelete, onUp, onDown }: { rule: RuleShown; no: number; onEdit: () => void; onDelete: () => Promise<unknown>; onUp?: () => void; onDown?: () => void }) {
  const { t } = useTranslation();
  return (
    <Panel>
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="sm">
        <Stack gap={4} style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Anchor component="button" type="button" fw={600} onClick={onEdit}>
              {`${no}. ${rule.label}`}
            </Anchor>
            <Badge variant="default" tt="none" fw={450}>
              {rule.key}
            </Badge>
          </Group>
          <Text size="sm" c="dimmed">
            {rule.definition}
          </Text>
          <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
            {rule.expression}
          </Text>
          {rule.classes.names.length > 0 && (
            <Text size="xs" c="dimmed">
              {t("rule.classes_are", { names: rule.classes.names.join(" · ") })}
            </Text>
          )}
        </Stack>
        <Group gap={2} wrap="nowrap">
          <ActionIcon variant="subtle" color="gray" disabled={!onUp} aria-label={t("rule.up", { name: rule.label })} onClick={onUp}>
            <IconArrowUp size={16} />
          </ActionIcon>
          <ActionIcon variant="subtle" color="gray" disabled={!onDown} aria-label={t("rule.down", { name: rule.label })} onClick={onDown}>
            <IconArrowDown size={16} />
          </ActionIcon>
          <ConfirmButton compact label={t("action.delete")} ariaLabel={t("rule.delete", { name: rule.label })} title={t("rule.delete", { name: rule.label })} confirm={t("action.delete")} onConfirm={onDelete}>
            {t("rule.delete_words")}
          </ConfirmButton>
        </Group>
      </Group>
      {rule.mistake && (
        <Alert color="red" mt="sm" title={t("rule.left_out")} styles={{ title: { color: "var(--mantine-color-error)" } }}>
          {t("rule.at", { at: rule.mistake.at + 1 })} {rule.mistake.detail}
        </Alert>
      )}
    </Panel>
  );
}
