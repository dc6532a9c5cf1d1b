import "@fontsource-variable/inter";
import "@mantine/core/styles.css";
import "@mantine/dates/styles.css";
import "@mantine/notifications/styles.css";
import "@mantine/spotlight/styles.css";
import "./app.css";
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { DatesProvider } from "@mantine/dates";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import "dayjs/locale/da";
import "dayjs/locale/de";
import "dayjs/locale/en-gb";
import "dayjs/locale/nl";
import "dayjs/locale/pl";
import "dayjs/locale/zh-tw";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { I18nextProvider, useTranslation } from "react-i18next";
import { i18n, startLocale } from "../locale";
import { queries } from "./queries";
import { router } from "./router";
import { theme, variables } from "./theme";

const dayjsLocale: Record<string, string> = { en: "en-gb", "zh-Hant": "zh-tw" };
const colours = localStorageColorSchemeManager({ key: "kvadrant.scheme" });

function App() {
  const { i18n: words } = useTranslation();
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" colorSchemeManager={colours}>
      <DatesProvider settings={{ locale: dayjsLocale[words.language] ?? words.language, firstDayOfWeek: 1 }}>
        <Notifications position="bottom-right" />
        <RouterProvider router={router} />
      </DatesProvider>
    </MantineProvider>
  );
}

startLocale();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <I18nextProvider i18n={i18n}>
        <QueryClientProvider client={queries}>
          <App />
        </QueryClientProvider>
      </I18nextProvider>
    </StrictMode>,
  );
}
