import type { PublicQuestion, Survey, SurveyAnswer, SurveyQuestion, SurveyTopic } from "../../api/types";

export const topics: SurveyTopic[] = ["satisfaction", "intention", "recommendation", "reference", "complaint", "second_chance", "willingness", "ability", "reliability", "reachability", "involvement", "comment"];

/** The five Bs, in the order in which they are drawn. */
export const bs = ["willingness", "ability", "reliability", "reachability", "involvement"] as const;

/** The scale of a topic: whole numbers between two, or few values that have words. */
export function scaleOf(topic: string): { from: number; to: number; words: boolean } | null {
  if (topic === "comment") return null;
  if (topic === "intention") return { from: 0, to: 2, words: true };
  if (topic === "reference" || topic === "complaint" || topic === "second_chance") return { from: 0, to: 1, words: true };
  return { from: topic === "recommendation" ? 0 : 1, to: 10, words: false };
}

/** A text in the reader's language, else in English, else in any. */
export function textIn(texts: Record<string, string>, language: string): string {
  return texts[language] ?? texts.en ?? Object.values(texts)[0] ?? "";
}

export type Asked = Pick<SurveyQuestion | PublicQuestion, "key" | "text" | "topic" | "required">;
export type Given = Record<string, number | string | undefined>;

/** What was filled in, as the API takes it: what was left out is not there. */
export function answersOf(questions: Asked[], given: Given): SurveyAnswer[] {
  return questions.flatMap((q): SurveyAnswer[] => {
    const value = given[q.key];
    if (value === undefined || value === "") return [];
    return [typeof value === "number" ? { question: q.key, score: value } : { question: q.key, text: value }];
  });
}

/** The other way round, to correct what was answered. */
export function givenOf(answers: SurveyAnswer[]): Given {
  return Object.fromEntries(answers.map((a) => [a.question, a.score ?? a.text]));
}

/** A key made of a name, free among those taken. */
export function keyFrom(name: string, taken: string[]): string {
  const stem = name.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 50) || "q";
  for (let n = 1; ; n++) {
    const key = n === 1 ? stem : `${stem}-${n}`;
    if (!taken.includes(key)) return key;
  }
}

/** What may be changed of a questionnaire, as it is sent. */
export function formOf(s: Survey) {
  return { code: s.code, name: s.name, audience: s.audience, introduction: s.introduction, questions: s.questions };
}
