import { Anchor, Badge, Button, Group, Modal, Radio, Stack, Table, Text, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { problemOf } from "../../api/problem";
import { surveyPresetsQuery, surveysQuery } from "../../api/survey-queries";
import type { Survey, SurveyPreset } from "../../api/types";
import { PageHeader, Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, Empty, ProblemNotice } from "../../ui/states";
import { keyFrom } from "./survey";

/** Data › Surveys: the questionnaires. */
export function SurveysPage() {
  const { t } = useTranslation();
  const can = useCan();
  const surveys = useQuery(surveysQuery);
  const [adding, setAdding] = useState(false);
  const add = can("survey.write") && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      {t("survey.new")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("nav.surveys")} actions={add}>
        {t("survey.intro")}
      </PageHeader>
      <Answered of={surveys}>
        {(items) => (
          <Panel flush={items.length > 0}>
            {items.length === 0 ? <Empty title={t("survey.none_title")} action={add}>{t("survey.none")}</Empty> : <List surveys={items} />}
          </Panel>
        )}
      </Answered>
      <Modal opened={adding} onClose={() => setAdding(false)} title={t("survey.new")} size="lg" closeButtonProps={{ "aria-label": t("action.close") }}>
        <NewSurvey taken={surveys.data?.map((s) => s.code) ?? []} />
      </Modal>
    </>
  );
}

function List({ surveys }: { surveys: Survey[] }) {
  const { t } = useTranslation();
  return (
    <Table.ScrollContainer minWidth={520} type="native" tabIndex={0} role="region" aria-label={t("nav.surveys")}>
      <Table verticalSpacing="sm" horizontalSpacing="md" aria-label={t("nav.surveys")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("field.name")}</Table.Th>
            <Table.Th>{t("survey.audience")}</Table.Th>
            <Table.Th ta="right">{t("survey.questions")}</Table.Th>
            <Table.Th>{t("survey.state")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {surveys.map((s) => (
            <Table.Tr key={s.id}>
              <Table.Td>
                <Anchor component={Link} to="/data/surveys/$id" params={{ id: s.id } as never} size="sm" fw={550}>
                  {s.name}
                </Anchor>
                <Text size="xs" c="dimmed">{s.code}</Text>
              </Table.Td>
              <Table.Td>{t(`survey.for_${s.audience}`)}</Table.Td>
              <Table.Td ta="right" className="num">{s.questions.length}</Table.Td>
              <Table.Td><StateBadge state={s.state} /></Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** Draft, open or closed. */
export function StateBadge({ state }: { state: Survey["state"] }) {
  const { t } = useTranslation();
  return (
    <Badge variant={state === "open" ? "filled" : "default"} tt="none" fw={550}>
      {t(`survey.state_${state}`)}
    </Badge>
  );
}

function NewSurvey({ taken }: { taken: string[] }) {
  const { t } = useTranslation();
  const presets = useQuery(surveyPresetsQuery);
  const [chosen, setChosen] = useState("satisfaction");
  const [name, setName] = useState("");
  const navigate = useNavigate();
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: (preset: SurveyPreset | undefined) =>
      ask(api.POST("/surveys", { body: { code: keyFrom(name, taken), name, audience: preset?.audience ?? "customer", introduction: preset?.introduction ?? {}, questions: preset?.questions ?? [] } })),
    onSuccess: async (s) => {
      await queries.invalidateQueries({ queryKey: surveysQuery.queryKey });
      await navigate({ to: "/data/surveys/$id", params: { id: s.id } as never, search: { tab: "questions" } as never });
    },
  });
  const fields = create.error ? problemOf(create.error).fields : {};
  return (
    <Answered of={presets}>
      {(items) => (
        <form
          onSubmit={(e) => {
            e.preventDefault();
            create.mutate(items.find((p) => p.key === chosen));
          }}
        >
          <Stack>
            {create.error && <ProblemNotice cause={create.error} shown={["name"]} />}
            <TextInput label={t("field.name")} description={t("survey.name_help")} required maxLength={200} data-autofocus value={name} error={fields.name} onChange={(e) => setName(e.currentTarget.value)} />
            <Radio.Group label={t("survey.begin_with")} value={chosen} onChange={setChosen}>
              <Stack gap="sm" mt="xs">
                {[...items.map((p) => p.key as string), "empty"].map((key) => (
                  <Radio key={key} value={key} label={t(`survey.preset_${key}`)} description={t(`survey.preset_${key}_help`)} />
                ))}
              </Stack>
            </Radio.Group>
            <Group justify="flex-end">
              <Button type="submit" loading={create.isPending}>
                {t("survey.create")}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Answered>
  );
}
