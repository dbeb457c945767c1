/** The texts of a video room's screen. A language is added by adding its file to texts/. */
import { wordsOf } from "../../look/words";
import type sv from "./texts/sv.json";

export { MAIN_LANGUAGE } from "../../look/words";
export type Key = Exclude<keyof typeof sv, "direction">;

export const { say, direction, others } = wordsOf(
  import.meta.glob<typeof sv>("./texts/*.json", { eager: true, import: "default" }),
);
