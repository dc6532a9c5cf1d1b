import { Grid } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { unitsQuery } from "../../api/queries";
import { PageHeader } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { Answered } from "../../ui/states";
import { PeoplePanel } from "./people";
import { UnitsPanel } from "./units";

/** Settings › Organisation: the tree of units, and the people in it. */
export function Organisation() {
  const { t } = useTranslation();
  const [search, change] = useSearchState();
  const units = useQuery(unitsQuery);
  return (
    <>
      <PageHeader title={t("nav.organisation")}>{t("org.intro")}</PageHeader>
      <Answered of={units}>
        {(list) => (
          <Grid gap="md">
            <Grid.Col span={{ base: 12, md: 5 }}>
              <UnitsPanel units={list} chosen={search.unit || undefined} onChoose={(unit) => change({ unit })} />
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 7 }}>
              <PeoplePanel units={list} unit={search.unit || undefined} q={search.q || undefined} onChange={change} />
            </Grid.Col>
          </Grid>
        )}
      </Answered>
    </>
  );
}
