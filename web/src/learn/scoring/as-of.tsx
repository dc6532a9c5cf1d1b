import { Button, Divider, Popover, Stack, Text, UnstyledButton } from "@mantine/core";
import { DatePicker } from "@mantine/dates";
import { IconCalendar } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { versionsQuery } from "../../api/queries";
import type { MatrixVersion } from "../../api/types";
import { useCalendarLabels } from "../../ui/calendar";
import { useFormat } from "../../ui/format";
import { useCan } from "../../ui/session";
import { ComputeNow } from "./compute";
import classes from "./as-of.module.css";

/** The newest version of each scored date, the latest date first. */
export function scoredDates(versions: MatrixVersion[]): MatrixVersion[] {
  const newest = new Map<string, MatrixVersion>();
  for (const v of versions) {
    const known = newest.get(v.as_of);
    if (!known || v.version > known.version) newest.set(v.as_of, v);
  }
  return [...newest.values()].sort((a, b) => b.as_of.localeCompare(a.as_of));
}

/** Chooses the day the picture is drawn for: a computed one at once, any other to compute it. */
export function AsOf({ shown, onChange }: { shown?: string; onChange: (as_of: string | undefined) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const labels = useCalendarLabels();
  const [open, setOpen] = useState(false);
  const scored = scoredDates(useQuery(versionsQuery).data?.items ?? []);
  const isScored = new Set(scored.map((v) => v.as_of));
  const choose = (as_of: string | undefined) => {
    onChange(as_of);
    setOpen(false);
  };
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" shadow="md" trapFocus>
      <Popover.Target>
        <Button variant="default" data-as-of={shown} leftSection={<IconCalendar size={16} />} onClick={() => setOpen(!open)} aria-expanded={open}>
          {shown ? t("scoring.as_of", { date: format.date(shown) }) : t("scoring.choose")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          {scored.length > 0 && (
            <>
              <Text size="xs" c="dimmed">
                {t("scoring.computed")}
              </Text>
              <ul className={classes.dates}>
                {scored.slice(0, 6).map((v) => (
                  <li key={v.version}>
                    <UnstyledButton className={classes.date} data-on={v.as_of === shown} onClick={() => choose(v.as_of)}>
                      <span>{format.date(v.as_of)}</span>
                      {v.customers !== undefined && <span className="num">{t("scoring.customers", { count: v.customers, number: format.number(v.customers) })}</span>}
                    </UnstyledButton>
                  </li>
                ))}
              </ul>
              <Divider />
            </>
          )}
          <Text size="xs" c="dimmed">
            {t(can("score.run") ? "scoring.any" : "scoring.marked")}
          </Text>
          <DatePicker ariaLabels={labels} value={shown ?? null} onChange={(d) => d && choose(d)} defaultDate={shown}
            getDayProps={(day) => (isScored.has(day) ? { className: classes.scored, "aria-description": t("scoring.computed") } : {})} />
          {shown && isScored.has(shown) && can("score.run") && <ComputeNow as_of={shown} again />}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
