// SPDX-License-Identifier: MIT
// Texts, numbers and times in the reader's language. Each language is a file of its own, text-LANGUAGE.js.

import english from "./text-en.js";
import { folder } from "./site.js";
import { Store } from "./store.js";

/** The languages, by their own names. */
export const LANGUAGES = { en: "English", de: "Deutsch", ar: "العربية" };
const RIGHT_TO_LEFT = new Set(["ar"]);
const OTHERS = {
  de: () => import("./text-de.js"),
  ar: () => import("./text-ar.js"),
};
const CHOICE = `curt${folder}:language`;

/** The language that is shown. */
export const language = new Store("en");
let texts = english;
let plurals = new Intl.PluralRules("en");

/** The text of a key; of "constructor" there is none, though every object has one. */
const textOf = (key) => [texts, english].find((one) => Object.hasOwn(one, key))?.[key];

/** Whether there is a text `key`. */
export const hasText = (key) => textOf(key) !== undefined;

/** A value in a text of the other direction of writing keeps its own: U+2068 and U+2069 isolate it. */
const isolated = (value) => (RIGHT_TO_LEFT.has(language.value) ? `\u2068${value}\u2069` : value);

/** The text `key`, with {name} replaced by a value; of a text with plural forms the one for `values.n`. */
export function t(key, values = {}) {
  let text = textOf(key) ?? key;
  if (typeof text === "object") text = text[plurals.select(values.n)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (all, name) => {
    const value = values[name];
    if (typeof value === "number") return formatNumber(value);
    return value === undefined || value === null ? all : isolated(value);
  });
}

/** Digits stay those of short URLs, also in Arabic. */
const locale = () => `${language.value}-u-nu-latn`;

/** Formatters by what they were made with: making one takes longer than formatting a page of links. */
const formatters = new Map();

function formatter(kind, style = {}) {
  const key = `${kind} ${locale()} ${JSON.stringify(style)}`;
  if (!formatters.has(key)) formatters.set(key, new Intl[kind](locale(), style));
  return formatters.get(key);
}

export const formatPercent = (part) => formatter("NumberFormat", { style: "percent" }).format(part);

/** A number of bytes in kilobytes, or in megabytes. */
export function formatSize(bytes) {
  const [unit, length] = bytes < 1e6 ? ["kilobyte", 1e3] : ["megabyte", 1e6];
  return formatter("NumberFormat", { style: "unit", unit, maximumFractionDigits: 1 }).format(bytes / length);
}

export const formatNumber = (number) => formatter("NumberFormat").format(number);

/** A time of the API in the reader's zone; `style` as of Intl.DateTimeFormat. */
export function formatTime(time, style = { dateStyle: "medium", timeStyle: "short" }) {
  return formatter("DateTimeFormat", style).format(new Date(time));
}

/** Units by their seconds; each is used from twice its length on. */
const UNITS = [["day", 86_400], ["hour", 3600], ["minute", 60]];

function inUnit(seconds) {
  const [unit, length] = UNITS.find(([, one]) => seconds >= 2 * one) ?? UNITS.at(-1);
  return [unit, Math.max(1, Math.floor(seconds / length))];
}

/** A duration as a number of its unit. */
export function formatDuration(seconds) {
  const [unit, number] = inUnit(seconds);
  return formatter("NumberFormat", { style: "unit", unit, unitDisplay: "long" }).format(number);
}

/** How far away a time to come is: "in 5 hours". */
export function formatTimeLeft(at) {
  const [unit, number] = inUnit((at - Date.now()) / 1000);
  return formatter("RelativeTimeFormat", { numeric: "always" }).format(number, unit);
}

/** A sentence for an error: ours where there is one, else the server's. */
export function explain(problem) {
  const key = `problem.${problem.code}`;
  if (language.value === "en" && problem.detail) return sentence(problem.detail);
  if (hasText(key)) return t(key);
  return problem.detail ? sentence(problem.detail) : t("problem.unexpected");
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");

function stored() {
  try {
    return localStorage.getItem(CHOICE);
  } catch {
    return null; // no storage for this page
  }
}

/** Shows the pages in a language; one that cannot be loaded is not chosen. */
export async function speak(code) {
  texts = code in OTHERS ? (await OTHERS[code]()).default : english;
  plurals = new Intl.PluralRules(code);
  document.documentElement.lang = code;
  document.documentElement.dir = RIGHT_TO_LEFT.has(code) ? "rtl" : "ltr";
  language.set(code);
}

/** The same, for later visits, too. */
export async function choose(code) {
  await speak(code);
  try {
    localStorage.setItem(CHOICE, code);
  } catch {
    // It lasts as long as the page.
  }
}

/** Speaks what the reader has chosen, else the first language of the browser that there is. */
export async function speakFirst() {
  const wanted = [stored(), ...navigator.languages.map((tag) => tag.split("-")[0].toLowerCase())];
  const code = wanted.find((one) => one in LANGUAGES);
  if (code && code !== "en") await speak(code).catch(() => {});
}
