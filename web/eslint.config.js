import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import globals from "globals";
import ts from "typescript-eslint";

export default ts.config(
  { ignores: ["dist", "node_modules", "src/api/schema.d.ts"] },
  js.configs.recommended,
  ...ts.configs.recommended,
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks },
    languageOptions: { globals: globals.browser },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "max-lines": ["error", 600],
      // Words stand in src/locale, never in the markup.
      "no-restricted-syntax": [
        "error",
        { selector: "JSXText[value=/[A-Za-z]{2,}/]", message: "Put the words in src/locale/en.json and use t()." },
        {
          selector: "JSXAttribute[name.name=/^(label|title|placeholder|aria-label|description)$/] > Literal[value=/[A-Za-z]{2,}/]",
          message: "Put the words in src/locale/en.json and use t().",
        },
      ],
    },
  },
  { files: ["dev/**/*.mjs", "e2e/**/*.mjs"], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
);
