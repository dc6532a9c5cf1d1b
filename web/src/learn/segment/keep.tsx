import { Button, Group, Modal, Radio, Select, Stack, Switch, TextInput } from "@mantine/core";
import { IconBookmark } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { problemOf } from "../../api/problem";
import { segmentsQuery } from "../../api/segment-queries";
import type { MatrixListFilter } from "../../api/types";
import { useFormat } from "../../ui/format";
import { useNotify } from "../../ui/notify";
import { useCan } from "../../ui/session";
import { ProblemNotice } from "../../ui/states";
import { ruleOfList } from "./tree";

/** Keeps the customers of a list under a name (K8): as they are now, or by what narrows the list; or puts them into a segment that there is. */
export function KeepButton({ filter }: { filter: MatrixListFilter }) {
  const { t } = useTranslation();
  const can = useCan();
  const [open, setOpen] = useState(false);
  if (!can("segment.write")) return null;
  return (
    <>
      <Button variant="default" leftSection={<IconBookmark size={16} />} onClick={() => setOpen(true)}>
        {t("segment.keep")}
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={t("segment.keep_title")} closeButtonProps={{ "aria-label": t("action.close") }}>
        <Keep filter={filter} onClose={() => setOpen(false)} />
      </Modal>
    </>
  );
}

type Way = "frozen" | "live" | "into";

function Keep({ filter, onClose }: { filter: MatrixListFilter; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const notify = useNotify();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const rule = ruleOfList(filter);
  const [way, setWay] = useState<Way>("frozen");
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const [into, setInto] = useState<string | null>(null);
  const frozen = (useQuery(segmentsQuery).data ?? []).filter((s) => s.kind === "frozen" && s.may_change);
  const from = { as_of: filter.as_of, rule };
  const keep = useMutation({
    mutationFn: async () => {
      if (way !== "into") {
        const made = await ask(api.POST("/segments", { body: way === "live" ? { name, shared, kind: way, rule } : { name, shared, kind: way, from } }));
        return { id: made.segment.id, added: made.segment.customers ?? 0 };
      }
      const target = frozen.find((s) => s.id === into);
      if (!target) throw new Error("no segment is chosen");
      const done = await ask(api.POST("/segments/{id}/members", { params: { path: { id: target.id }, header: ifMatch(target.version) }, body: { from } }));
      return { id: target.id, added: done.added };
    },
    onSuccess: async ({ id, added }) => {
      notify(t("segment.kept", { count: added, number: format.number(added) }));
      onClose();
      await queries.invalidateQueries({ queryKey: ["segments"] });
      void navigate({ to: "/map/segments/$id", params: { id } as never });
    },
  });
  const wrong = keep.error ? problemOf(keep.error).fields : {};
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        keep.mutate();
      }}
    >
      <Stack>
        <Radio.Group label={t("segment.keep_how")} value={way} onChange={(w) => setWay(w as Way)}>
          <Stack gap="xs" mt={6}>
            <Radio value="frozen" label={t("segment.keep_frozen")} description={t("segment.keep_frozen_help")} />
            <Radio value="live" label={t("segment.keep_live")} description={t(rule ? "segment.keep_live_help" : "segment.keep_live_none")} disabled={!rule} />
            <Radio value="into" label={t("segment.keep_into")} description={t(frozen.length ? "segment.keep_into_help" : "segment.keep_into_none")} disabled={frozen.length === 0} />
          </Stack>
        </Radio.Group>
        {way === "into" ? (
          <Select label={t("segment.one")} required data={frozen.map((s) => ({ value: s.id, label: s.name }))} value={into} onChange={setInto} searchable openOnFocus={false} nothingFoundMessage={t("filter.nothing")} />
        ) : (
          <>
            <TextInput label={t("field.name")} required maxLength={100} value={name} error={wrong.name} onChange={(e) => setName(e.currentTarget.value)} data-autofocus />
            <Switch label={t("segment.share")} description={t("segment.share_help")} checked={shared} onChange={(e) => setShared(e.currentTarget.checked)} />
          </>
        )}
        {keep.error && <ProblemNotice cause={keep.error} shown={["name"]} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" loading={keep.isPending} disabled={way === "into" ? !into : name.trim() === ""}>{t("action.save")}</Button>
        </Group>
      </Stack>
    </form>
  );
}
