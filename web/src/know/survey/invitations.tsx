import { Alert, Anchor, Button, CopyButton, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { DateInput } from "@mantine/dates";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch, newKey } from "../../api/client";
import { problemOf } from "../../api/problem";
import { invitationsQuery, surveysQuery } from "../../api/survey-queries";
import type { Invitation, Survey } from "../../api/types";
import { useCalendarLabels } from "../../ui/calendar";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { saveText } from "../../ui/save";
import { useCan } from "../../ui/session";
import { Answered, Empty, ProblemNotice } from "../../ui/states";
import { DataTable } from "../../ui/table";

const today = () => new Date().toISOString().slice(0, 10);
const inDays = (n: number) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);

/** Who was invited to a questionnaire, and whether they answered. */
export function Invitations({ survey }: { survey: Survey }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const queries = useQueryClient();
  const list = useInfiniteQuery(invitationsQuery(survey.id));
  const put = useMutation({
    mutationFn: (one: Invitation) => ask(api.PATCH("/invitations/{id}", { params: { path: { id: one.id }, header: ifMatch(one.version) }, body: { closed: !one.closed } })),
    onSettled: () => queries.invalidateQueries({ queryKey: surveysQuery.queryKey }),
  });
  const may = can("answer.write");
  const columns = useMemo<ColumnDef<Invitation>[]>(() => {
    const state = (one: Invitation) =>
      one.answered_on ? t("survey.answered_on", { date: format.date(one.answered_on) }) : one.closed ? t("survey.link_closed") : one.expires_on < today() ? t("survey.link_ended") : t("survey.link_open");
    return [
      { id: "name", header: t("survey.customer"), meta: { main: true }, cell: ({ row }) => <Anchor component={Link} to="/map/customers/$id" params={{ id: row.original.customer_id } as never} search={{ tab: "answers" } as never} size="sm" fw={550}>{row.original.customer_name}</Anchor> },
      { id: "code", header: t("field.code"), meta: { extra: true }, cell: ({ row }) => row.original.customer_code },
      { id: "respondent", header: t("survey.respondent"), cell: ({ row }) => [row.original.respondent, row.original.email].filter(Boolean).join(" · ") || "–" },
      { id: "state", header: t("survey.state"), cell: ({ row }) => state(row.original) },
      { id: "until", header: t("survey.works_until"), meta: { numeric: true }, cell: ({ row }) => format.date(row.original.expires_on) },
      { id: "by", header: t("survey.invited_by"), cell: ({ row }) => row.original.created_by_name },
      ...(may ? [{ id: "act", header: t("survey.link"), cell: ({ row }: { row: { original: Invitation } }) => (
        <Button size="compact-xs" variant="subtle" onClick={() => put.mutate(row.original)} aria-label={t(row.original.closed ? "survey.reopen_link_of" : "survey.close_link_of", { name: row.original.customer_name })}>
          {t(row.original.closed ? "survey.reopen_link" : "survey.close_link")}
        </Button>
      ) } satisfies ColumnDef<Invitation>] : []),
    ];
  }, [t, format, may, put]);
  return (
    <Stack>
      <Text size="sm" c="dimmed">{t("survey.invite_how")} <Anchor component={Link} to="/map/customers" size="sm" underline="always">{t("nav.customers")}</Anchor></Text>
      {put.error && <ProblemNotice cause={put.error} />}
      <Panel flush>
        <DataTable label={t("survey.invitations")} columns={columns} of={list} rowId={(r) => r.id} empty={<Empty title={t("survey.nobody_invited")}>{t("survey.invite_how")}</Empty>} />
      </Panel>
    </Stack>
  );
}

/** The customers to invite: one that is known, or all of a list, which is read when it is wanted. */
export type Invitees = { one: string; all?: undefined } | { one?: undefined; all: () => Promise<string[]> };

/** A dialog that makes links: one to copy, or a file of them. */
export function InviteDialog({ opened, onClose, invitees }: { opened: boolean; onClose: () => void; invitees: Invitees }) {
  const { t } = useTranslation();
  const surveys = useQuery({ ...surveysQuery, enabled: opened });
  return (
    <Modal opened={opened} onClose={onClose} title={t(invitees.one ? "survey.invite_one" : "survey.invite_all")} closeButtonProps={{ "aria-label": t("action.close") }}>
      <Answered of={surveys}>
        {(items) => {
          const open = items.filter((s) => s.state === "open" && s.audience === "customer");
          return open.length === 0 ? <Text size="sm">{t("survey.none_open")} <Anchor component={Link} to="/data/surveys" size="sm" underline="always">{t("nav.surveys")}</Anchor></Text> : <InviteForm surveys={open} invitees={invitees} onClose={onClose} />;
        }}
      </Answered>
    </Modal>
  );
}

function InviteForm({ surveys, invitees, onClose }: { surveys: Survey[]; invitees: Invitees; onClose: () => void }) {
  const { t } = useTranslation();
  const labels = useCalendarLabels();
  const queries = useQueryClient();
  const [id, setId] = useState(surveys[0]?.id ?? "");
  const [until, setUntil] = useState<string | null>(inDays(30));
  const [respondent, setRespondent] = useState("");
  const [email, setEmail] = useState("");
  const invite = useMutation({
    mutationFn: async () => {
      const expires_on = until ?? undefined;
      if (invitees.one) {
        const made = await ask(api.POST("/surveys/{id}/invitations", { params: { path: { id } }, body: { customer_ids: [invitees.one], expires_on, respondent: respondent || undefined, email: email || undefined } }));
        return `${window.location.origin}/answer/${made.items[0]?.token}`;
      }
      const customer_ids = await invitees.all!();
      const file = await ask(api.POST("/surveys/{id}/invitations/file", { params: { path: { id }, header: { "Idempotency-Key": newKey() } as never }, body: { customer_ids, expires_on, address: window.location.origin }, parseAs: "text" }));
      saveText("invitations.csv", file as unknown as string, "text/csv;charset=utf-8");
      return "";
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: surveysQuery.queryKey }),
  });
  if (invite.data !== undefined) return <Made link={invite.data} onClose={onClose} />;
  const fields = invite.error ? problemOf(invite.error).fields : {};
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        invite.mutate();
      }}
    >
      <Stack>
        {invite.error && <ProblemNotice cause={invite.error} shown={["expires_on", "respondent", "email"]} />}
        <Text size="sm" c="dimmed">{t(invitees.one ? "survey.invite_one_help" : "survey.invite_all_help")}</Text>
        <Select label={t("survey.questionnaire")} allowDeselect={false} data={surveys.map((s) => ({ value: s.id, label: s.name }))} value={id} onChange={(v) => v && setId(v)} />
        <DateInput ariaLabels={labels} label={t("survey.works_until")} valueFormat="D MMM YYYY" required minDate={today()} value={until} error={fields.expires_on} onChange={setUntil} />
        {invitees.one && (
          <>
            <TextInput label={t("survey.who_is_asked")} maxLength={200} value={respondent} error={fields.respondent} onChange={(e) => setRespondent(e.currentTarget.value)} />
            <TextInput label={t("field.email")} description={t("survey.email_help")} type="email" maxLength={254} value={email} error={fields.email} onChange={(e) => setEmail(e.currentTarget.value)} />
          </>
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={invite.isPending}>
            {t(invitees.one ? "survey.make_link" : "survey.make_links")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Made({ link, onClose }: { link: string; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Stack>
      <Alert>{t(link ? "survey.link_once" : "survey.links_once")}</Alert>
      {link && <TextInput label={t("survey.link")} readOnly value={link} onFocus={(e) => e.currentTarget.select()} />}
      <Group justify="flex-end">
        {link && (
          <CopyButton value={link}>
            {({ copied, copy }) => <Button onClick={copy}>{t(copied ? "action.copied" : "action.copy")}</Button>}
          </CopyButton>
        )}
        <Button variant="default" onClick={onClose}>{t("action.close")}</Button>
      </Group>
    </Stack>
  );
}
