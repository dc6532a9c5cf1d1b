import { AnswerSheet } from "../know/survey/answer";
import { LanguageMenu, SchemeMenu } from "./menus";

/** The page of a link: outside the shell, for people without an account. */
export function AnswerPage() {
  return (
    <AnswerSheet
      tools={
        <>
          <LanguageMenu />
          <SchemeMenu />
        </>
      }
    />
  );
}
