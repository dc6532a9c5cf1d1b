import { Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { LanguageMenu, SchemeMenu } from "./menus";
import classes from "./shell.module.css";

// The matrix in small: twelve fields whose weight shows where the money is.
const weights = [0.14, 0.85, 0.5, 0.3, 0.1, 0.42, 0.34, 0.22, 0.06, 0.16, 0.14, 0.12];

/** The frame of the pages before sign-in. */
export function AuthFrame({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className={classes.auth}>
      <aside className={classes.authSide} aria-label={t("shell.product")}>
        <span className={classes.brand} style={{ color: "#fff" }}>
          <img src="/kvadrant.svg" alt="" width={28} height={28} /> {t("shell.product")}
        </span>
        <div className={classes.authArt}>
          <svg viewBox="0 0 404 303" width="100%" style={{ maxWidth: 430 }} aria-hidden>
            {weights.map((w, i) => (
              <rect key={i} x={(i % 4) * 101} y={Math.floor(i / 4) * 101} width={95} height={95} rx={6}
                fill={["#e0b64a", "#b9c6cd", "#cf8f5c"][Math.floor(i / 4)]} fillOpacity={0.1 + 0.75 * w} />
            ))}
          </svg>
          <Title order={2} fz={26} mt="xl" fw={600} maw={430} style={{ letterSpacing: "-0.02em" }}>
            {t("auth.promise")}
          </Title>
          <Text mt="xs" maw={430} style={{ color: "#b9d3da" }}>
            {t("auth.promise_more")}
          </Text>
        </div>
        <Text size="xs" className={classes.authArt} style={{ color: "#9dbcc5" }}>
          {t("auth.loop")}
        </Text>
      </aside>
      <main className={classes.authForm}>
        <div className={classes.authTools}>
          <LanguageMenu />
          <SchemeMenu />
        </div>
        <div className={classes.authBox}>
          <Title order={1} mb="lg">
            {title}
          </Title>
          {children}
        </div>
      </main>
    </div>
  );
}
