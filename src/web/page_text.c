/* SPDX-License-Identifier: MIT */
/* The tables of texts. German durations are in the dative and Arabic ones in the genitive, as the
 * texts around them demand. */
#include "web/page_text.h"

#include <string.h>

static const struct slice LANGUAGES[PAGE_LANGUAGES] = { SLICE("en"), SLICE("de"), SLICE("ar") };

static const char *const TEXTS[PAGE_LANGUAGES][PAGE_TEXTS] = {
    [PAGE_ENGLISH] = {
        [TEXT_SHORT_LINKS] = "Short links",
        [TEXT_MAKES_SHORT_LINKS] = "This site makes short links.",
        [TEXT_RUN_BY] = "It is run by %s.",
        [TEXT_SIGN_IN] = "Sign in",
        [TEXT_LEADS_WHERE] = "Where this link leads",
        [TEXT_LEADS_TO] = "leads to",
        [TEXT_LIMITED] = "A link with a limited number of clicks",
        [TEXT_LIMITED_SECRET] =
            "Only whoever opens it sees where it leads, since that uses one of its clicks.",
        /* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one sentence on two lines */
        [TEXT_LIMITED_PROGRAMS] = "Programs that look at this link, such as previews in a chat, "
                                  "use none of its clicks.",
        [TEXT_OPEN] = "Open the link",
        [TEXT_MADE_AT] = "Made on %s.",
        [TEXT_COMMA] = ", ",
        [TEXT_JUST_NOW] = "just now",
        [TEXT_AGO] = "%s ago",
        [TEXT_TRY_AGAIN] = "Try again in %s.",
        [TEXT_IMPRINT] = "Imprint",
        [TEXT_PRIVACY] = "Privacy",
        [TEXT_ABUSE] = "Report abuse",
        [TEXT_REQUEST] = "Request",
    },
    [PAGE_GERMAN] = {
        [TEXT_SHORT_LINKS] = "Kurze Links",
        [TEXT_MAKES_SHORT_LINKS] = "Diese Website macht kurze Links.",
        [TEXT_RUN_BY] = "Sie wird betrieben von %s.",
        [TEXT_SIGN_IN] = "Anmelden",
        [TEXT_LEADS_WHERE] = "Wohin dieser Link führt",
        [TEXT_LEADS_TO] = "führt zu",
        [TEXT_LIMITED] = "Ein Link mit begrenzter Zahl von Klicks",
        [TEXT_LIMITED_SECRET] =
            "Wohin er führt, sieht nur, wer ihn öffnet, denn das verbraucht einen seiner Klicks.",
        /* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one sentence on two lines */
        [TEXT_LIMITED_PROGRAMS] = "Programme, die diesen Link ansehen, etwa für die Vorschau in "
                                  "einem Chat, verbrauchen keinen seiner Klicks.",
        [TEXT_OPEN] = "Link öffnen",
        [TEXT_MADE_AT] = "Erstellt am %s.",
        [TEXT_COMMA] = ", ",
        [TEXT_JUST_NOW] = "gerade eben",
        [TEXT_AGO] = "vor %s",
        [TEXT_TRY_AGAIN] = "Versuchen Sie es in %s noch einmal.",
        [TEXT_IMPRINT] = "Impressum",
        [TEXT_PRIVACY] = "Datenschutz",
        [TEXT_ABUSE] = "Missbrauch melden",
        [TEXT_REQUEST] = "Anfrage",
    },
    [PAGE_ARABIC] = {
        [TEXT_SHORT_LINKS] = "روابط قصيرة",
        [TEXT_MAKES_SHORT_LINKS] = "ينشئ هذا الموقع روابط قصيرة.",
        [TEXT_RUN_BY] = "تديره الجهة: %s.",
        [TEXT_SIGN_IN] = "تسجيل الدخول",
        [TEXT_LEADS_WHERE] = "إلى أين يؤدي هذا الرابط",
        [TEXT_LEADS_TO] = "يؤدي إلى",
        [TEXT_LIMITED] = "رابط بعدد محدود من النقرات",
        [TEXT_LIMITED_SECRET] = "لا يرى وجهته إلا من يفتحه، لأن ذلك يستهلك إحدى نقراته.",
        [TEXT_LIMITED_PROGRAMS] =
            "البرامج التي تنظر في هذا الرابط، كالمعاينة في المحادثات، لا تستهلك أيًّا من نقراته.",
        [TEXT_OPEN] = "افتح الرابط",
        [TEXT_MADE_AT] = "أُنشئ في %s.",
        [TEXT_COMMA] = "، ",
        [TEXT_JUST_NOW] = "الآن",
        [TEXT_AGO] = "قبل %s",
        [TEXT_TRY_AGAIN] = "حاول مرة أخرى بعد %s.",
        [TEXT_IMPRINT] = "بيانات الناشر",
        [TEXT_PRIVACY] = "الخصوصية",
        [TEXT_ABUSE] = "الإبلاغ عن إساءة",
        [TEXT_REQUEST] = "الطلب",
    },
};

/* What visitors meet; the others have a title of NULL. */
static const struct page_problem PROBLEMS[PAGE_LANGUAGES][PROBLEM_COUNT] = {
    [PAGE_ENGLISH] = {
        [PROBLEM_NOT_FOUND] = { "There is nothing here",
                                "The link or page does not exist, or the link has not started yet. "
                                "Was the address copied as a whole?" },
        [PROBLEM_EXPIRED] = { "The link has expired",
                              "The link is past its end, or its clicks are used up." },
        [PROBLEM_RATE_LIMITED] = { "Too many requests",
                                   "More requests came from your address than are allowed." },
        [PROBLEM_UNAVAILABLE] = { "The service is unavailable for the moment",
                                  "Your link may well exist; we cannot look it up right now." },
        [PROBLEM_INTERNAL] = { "Something went wrong",
                               "The fault is ours. The number below helps to find it." },
    },
    [PAGE_GERMAN] = {
        [PROBLEM_NOT_FOUND] = { "Hier ist nichts",
                                "Den Link oder die Seite gibt es nicht, oder der Link gilt noch "
                                "nicht. Wurde die Adresse ganz kopiert?" },
        [PROBLEM_EXPIRED] = { "Der Link ist abgelaufen",
                              "Seine Zeit ist um, oder seine Klicks sind aufgebraucht." },
        [PROBLEM_RATE_LIMITED] = { "Zu viele Anfragen",
                                   "Von Ihrer Adresse kamen mehr Anfragen, als erlaubt sind." },
        [PROBLEM_UNAVAILABLE] = { "Der Dienst ist gerade nicht erreichbar",
                                  "Ihren Link kann es durchaus geben; wir können ihn im Augenblick "
                                  "nicht nachschlagen." },
        [PROBLEM_INTERNAL] = { "Etwas ist schiefgegangen",
                               "Der Fehler liegt bei uns. Die Nummer unten hilft, ihn zu finden." },
    },
    [PAGE_ARABIC] = {
        [PROBLEM_NOT_FOUND] = { "لا يوجد شيء هنا",
                                "الرابط أو الصفحة غير موجود، أو لم يبدأ الرابط بعد. هل نُسخ "
                                "العنوان كاملًا؟" },
        [PROBLEM_EXPIRED] = { "انتهت صلاحية الرابط", "انقضت مدة الرابط، أو استُهلكت نقراته." },
        [PROBLEM_RATE_LIMITED] = { "طلبات كثيرة جدًا",
                                   "وصلت من عنوانك طلبات أكثر من المسموح به." },
        [PROBLEM_UNAVAILABLE] = { "الخدمة غير متاحة حاليًا",
                                  "قد يكون رابطك موجودًا، لكن لا يمكننا البحث عنه الآن." },
        [PROBLEM_INTERNAL] = { "حدث خطأ ما", "الخطأ من جهتنا. يساعد الرقم أدناه في العثور عليه." },
    },
};

/* The forms of a unit: for 1, for 2, for 3 to 10, and for more; "%s" is the number. */
struct unit_forms {
    const char *one, *two, *few, *many;
};

static const struct unit_forms UNITS[PAGE_LANGUAGES][PAGE_UNITS] = {
    [PAGE_ENGLISH] = {
        [PAGE_SECONDS] = { "%s second", "%s seconds", "%s seconds", "%s seconds" },
        [PAGE_MINUTES] = { "%s minute", "%s minutes", "%s minutes", "%s minutes" },
        [PAGE_HOURS] = { "%s hour", "%s hours", "%s hours", "%s hours" },
        [PAGE_DAYS] = { "%s day", "%s days", "%s days", "%s days" },
        [PAGE_MONTHS] = { "%s month", "%s months", "%s months", "%s months" },
        [PAGE_YEARS] = { "%s year", "%s years", "%s years", "%s years" },
    },
    [PAGE_GERMAN] = {
        [PAGE_SECONDS] = { "%s Sekunde", "%s Sekunden", "%s Sekunden", "%s Sekunden" },
        [PAGE_MINUTES] = { "%s Minute", "%s Minuten", "%s Minuten", "%s Minuten" },
        [PAGE_HOURS] = { "%s Stunde", "%s Stunden", "%s Stunden", "%s Stunden" },
        [PAGE_DAYS] = { "%s Tag", "%s Tagen", "%s Tagen", "%s Tagen" },
        [PAGE_MONTHS] = { "%s Monat", "%s Monaten", "%s Monaten", "%s Monaten" },
        [PAGE_YEARS] = { "%s Jahr", "%s Jahren", "%s Jahren", "%s Jahren" },
    },
    [PAGE_ARABIC] = {
        [PAGE_SECONDS] = { "ثانية واحدة", "ثانيتين", "%s ثوانٍ", "%s ثانية" },
        [PAGE_MINUTES] = { "دقيقة واحدة", "دقيقتين", "%s دقائق", "%s دقيقة" },
        [PAGE_HOURS] = { "ساعة واحدة", "ساعتين", "%s ساعات", "%s ساعة" },
        [PAGE_DAYS] = { "يوم واحد", "يومين", "%s أيام", "%s يومًا" },
        [PAGE_MONTHS] = { "شهر واحد", "شهرين", "%s أشهر", "%s شهرًا" },
        [PAGE_YEARS] = { "سنة واحدة", "سنتين", "%s سنوات", "%s سنة" },
    },
};

static const int64_t UNIT_SECONDS[PAGE_UNITS] = {
    [PAGE_SECONDS] = 1,  [PAGE_MINUTES] = 60,     [PAGE_HOURS] = 3600,
    [PAGE_DAYS] = 86400, [PAGE_MONTHS] = 2592000, [PAGE_YEARS] = 31536000,
};

enum page_language page_language_of(const struct http_request *request)
{
    return (enum page_language)http_language(request, LANGUAGES, PAGE_LANGUAGES);
}

const char *page_language_tag(enum page_language language)
{
    return LANGUAGES[language].at;
}

const char *page_language_direction(enum page_language language)
{
    return language == PAGE_ARABIC ? "rtl" : "ltr";
}

const char *page_text(enum page_language language, enum page_text text)
{
    return TEXTS[language][text];
}

struct page_problem page_problem(enum page_language language, enum problem_id problem)
{
    const struct page_problem own = PROBLEMS[language][problem];
    const struct problem *general = problem_of(problem);
    return own.title ? own : (struct page_problem){ general->title, general->meaning };
}

void page_add_text(struct buf *b, const char *text, struct slice value)
{
    const char *mark = strstr(text, "%s");
    if (!mark) {
        buf_add_text(b, text);
        return;
    }
    buf_add(b, (struct slice){ text, (size_t)(mark - text) });
    buf_add(b, value);
    buf_add_text(b, mark + 2);
}

/* English and German have one form for all numbers but 1. Arabic chooses by the last two digits,
 * and its dual is for 2 alone. */
static void page_add_number(struct buf *b, enum page_language language, enum page_unit unit,
                            int64_t number)
{
    const struct unit_forms *forms = &UNITS[language][unit];
    int64_t last = number % 100;
    const char *form = forms->many;
    if (number == 1)
        form = forms->one;
    else if (number == 2)
        form = forms->two;
    else if (last >= 3 && last <= 10)
        form = forms->few;
    struct buf digits = buf_in(b->arena, 24);
    buf_add_int(&digits, number);
    page_add_text(b, form, buf_slice(&digits));
}

void page_add_age(struct buf *b, enum page_language language, int64_t seconds)
{
    enum page_unit unit = PAGE_YEARS;
    while (unit > PAGE_SECONDS && seconds < UNIT_SECONDS[unit])
        unit--;
    page_add_number(b, language, unit, seconds / UNIT_SECONDS[unit]);
}

void page_add_wait(struct buf *b, enum page_language language, int64_t seconds)
{
    enum page_unit unit = PAGE_HOURS;
    while (unit > PAGE_SECONDS && seconds < 2 * UNIT_SECONDS[unit])
        unit--;
    page_add_number(b, language, unit, (seconds + UNIT_SECONDS[unit] - 1) / UNIT_SECONDS[unit]);
}
