import { Box, Button, Group, Text, Timeline as Line } from "@mantine/core";
import { IconCalendarEvent, IconMail, IconPhone, IconUsers } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { interactionsQuery } from "../../api/queries";
import { useFormat } from "../../ui/format";
import { Answered, Empty } from "../../ui/states";

const icons: Record<string, typeof IconMail> = { visit: IconUsers, call: IconPhone, "e-mail": IconMail, email: IconMail, phone: IconPhone };

/** Every touch with the customer, the newest first. */
export function Timeline({ customerId }: { customerId: string }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const touches = useInfiniteQuery(interactionsQuery(customerId));
  return (
    <Box p="md">
      <Answered of={touches}>
        {(data) => {
          const items = data.pages.flatMap((p) => p.items);
          if (items.length === 0) return <Empty title={t("interaction.none_title")}>{t("interaction.none")}</Empty>;
          return (
            <>
              <Line bulletSize={26} lineWidth={1}>
                {items.map((x, i) => {
                  const Icon = icons[x.kind.toLowerCase()] ?? IconCalendarEvent;
                  const known = i18n.exists(`interaction.kind_${x.kind.toLowerCase()}`);
                  return (
                    <Line.Item key={`${x.date}|${x.kind}|${i}`} bullet={<Icon size={14} aria-hidden />} title={known ? t(`interaction.kind_${x.kind.toLowerCase()}`) : x.kind}>
                      <Group gap={6}>
                        <Text size="xs" c="dimmed" className="num">
                          {[format.date(x.date), x.person_name, x.minutes ? t("interaction.minutes", { count: x.minutes }) : ""].filter(Boolean).join(" · ")}
                        </Text>
                      </Group>
                      {x.result && <Text size="sm">{x.result}</Text>}
                      {x.note && (
                        <Text size="sm" c="dimmed">
                          {x.note}
                        </Text>
                      )}
                    </Line.Item>
                  );
                })}
              </Line>
              {touches.hasNextPage && (
                <Button mt="md" size="compact-sm" variant="default" loading={touches.isFetchingNextPage} onClick={() => void touches.fetchNextPage()}>
                  {t("table.more")}
                </Button>
              )}
            </>
          );
        }}
      </Answered>
    </Box>
  );
}
