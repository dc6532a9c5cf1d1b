import { Button, Group, Modal, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { DateInput } from "@mantine/dates";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { problemOf } from "../../api/problem";
import type { Goal, Measure } from "../../api/types";
import { useCalendarLabels } from "../../ui/calendar";
import { major, minor, useFormat } from "../../ui/format";
import { ProblemNotice } from "../../ui/states";

/** Changes title, target and day of a goal; of a part only its title, since the rest stands in the split above it. */
export function ChangeGoal({ of: g, measure, parts }: { of: Goal; measure?: Measure; parts: number }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>{t("goal.change")}</Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={t("goal.change_title")} closeButtonProps={{ "aria-label": t("action.close") }}>
        {open && <Form of={g} measure={measure} parts={parts} onDone={() => setOpen(false)} />}
      </Modal>
    </>
  );
}

function Form({ of: g, measure, parts, onDone }: { of: Goal; measure?: Measure; parts: number; onDone: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useCalendarLabels();
  const queries = useQueryClient();
  const on = g.what.kind === "sum" || g.what.kind === "average";
  const money = on && measure?.unit === "money";
  const percent = g.what.kind === "share" || (on && (measure?.unit === "share" || measure?.unit === "chance"));
  const [title, setTitle] = useState(g.title);
  const [due, setDue] = useState(g.due_on);
  const first: number | string = money ? major(g.target, format.currency) : percent ? Number((g.target * 100).toFixed(6)) : g.target;
  const [target, setTarget] = useState<number | string>(first);
  const change = useMutation({
    mutationFn: () => {
      const value = target === first ? g.target : money ? minor(Number(target), format.currency) : percent ? Number(target) / 100 : Number(target);
      const body = g.part ? { title } : { title, due_on: due, target: value };
      return ask(api.PATCH("/goals/{id}", { params: { path: { id: g.id }, header: ifMatch(g.version) }, body }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["goals"] });
      onDone();
    },
  });
  const wrong = change.error ? problemOf(change.error).fields : {};
  return (
    <form onSubmit={(e) => { e.preventDefault(); change.mutate(); }}>
      <Stack>
        <TextInput label={t("goal.title")} required maxLength={200} value={title} error={wrong.title} onChange={(e) => setTitle(e.currentTarget.value)} data-autofocus />
        {g.part ? (
          <Text size="sm" c="dimmed">{t("goal.change_part")}</Text>
        ) : (
          <Group grow align="flex-start">
            <NumberInput required label={money ? t("goal.target_money", { currency: format.currency }) : percent ? t("goal.target_share") : on ? t("goal.target") : t("goal.target_customers")} value={target} error={wrong.target} thousandSeparator onChange={setTarget} />
            <DateInput ariaLabels={labels} required label={t("goal.due")} valueFormat="D MMM YYYY" value={due} error={wrong.due_on} onChange={(d) => d && setDue(d)} />
          </Group>
        )}
        {parts > 0 && !g.part && <Text size="sm" c="dimmed">{t("goal.change_follow")}</Text>}
        {change.error && <ProblemNotice cause={change.error} shown={["title", "target", "due_on"]} />}
        <Group justify="flex-end"><Button type="submit" loading={change.isPending}>{t("action.save")}</Button></Group>
      </Stack>
    </form>
  );
}
