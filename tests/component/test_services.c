/* SPDX-License-Identifier: MIT */
/* The services over the fakes: their outcomes, their calls to the database, and what is in the
 * cache afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cache/link_cache.h"
#include "fakes/cache_fake.h"
#include "fakes/db_fake.h"
#include "service/auth.h"
#include "service/codes.h"
#include "service/create.h"
#include "service/manage.h"
#include "service/resolve.h"
#include "support/codes_key.h"
#include "support/local_slot.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

enum {
    NOW = 1800000000,
};

struct fixture {
    struct arena *arena;
    struct local_cache *local;
    struct cache *cache;
    struct link_cache links;
    struct link_cache remote_only; /* of authors on another host */
    struct db *db;
    struct codes codes;
    struct resolver resolver;
    struct shortener shortener;
    enum link_field refused; /* by the last create */
};

static int set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture){
        .arena = arena_new(1 << 20),
        .cache = cache_fake_new(),
        .db = db_fake_new(1 << 20, 100),
    };
    codes_key_store(f.db, CODE_KEY);
    f.codes = (struct codes){
        .db = f.db,
        .sequence = { .name = "default", .db = f.db },
        .length = 7,
    };
    f.links = (struct link_cache){ .remote = f.cache, .ttl_s = 3600, .negative_ttl_s = 5 };
    f.remote_only = f.links;
    f.resolver = (struct resolver){ .cache = &f.links, .db = f.db };
    f.shortener = (struct shortener){
        .cache = &f.remote_only,
        .db = f.db,
        .codes = &f.codes,
        .aliases = { .min_length = 3, .max_length = 50 },
        .own = { .host = SLICE("short.example") },
        .default_status = 302,
        .max_lifetime_s = 1000000,
    };
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    db_close(&f->db);
    local_cache_close(&f->local);
    cache_close(&f->cache);
    arena_free(&f->arena);
    return 0;
}

static enum outcome make(struct fixture *f, struct link_fields fields, struct link *link)
{
    struct create_request request = {
        .fields = fields, .now = NOW, .arena = f->arena, .refused = &f->refused
    };
    request.caller = (struct caller){ .user_id = 1, .user = SLICE("ann") };
    struct error err = { "" };
    return create_link(&f->shortener, &request, link, &err);
}

static enum outcome ask_at(struct fixture *f, struct slice code, int64_t now,
                           struct resolution *out)
{
    struct resolve_request request = { .code = code, .now = now, .arena = f->arena };
    struct error err = { "" };
    return resolve(&f->resolver, &request, out, &err);
}

static void a_link_is_made_and_found(void **state)
{
    struct fixture *f = *state;
    struct link link;
    struct resolution found;
    assert_int_equal(
        make(f, (struct link_fields){ .link.target.long_url = SLICE("https://a.example/x") },
             &link),
        OUTCOME_OK);
    assert_int_equal(link.code.len, 7);
    assert_false(link.code_is_alias);
    assert_int_equal(link.target.redirect_status, 302);
    assert_int_equal(ask_at(f, link.code, NOW, &found), OUTCOME_OK);
    assert_int_equal(found.level, LEVEL_MEMCACHED);
    assert_true(slice_eq(found.target.long_url, SLICE("https://a.example/x")));
}

/* Others may reach the cache: what it says is held to the rules again. */
static void a_cached_target_that_could_not_be_made_is_passed_over(void **state)
{
    static const struct slice urls[] = { SLICE("javascript:alert(1)"), SLICE("app://x"),
                                         SLICE("https://a.example/\r\nX: y"), SLICE("/x") };
    struct fixture *f = *state;
    struct link link;
    struct resolution found;
    assert_int_equal(
        make(f, (struct link_fields){ .link.target.long_url = SLICE("https://a.example/x") },
             &link),
        OUTCOME_OK);
    for (size_t i = 0; i < ROWS(urls); i++) {
        struct cache_entry entry = { ENTRY_TARGET, link.target };
        struct error err = { "" };
        entry.target.version = (uint32_t)i + 2;
        entry.target.long_url = urls[i];
        assert_true(cache_publish(f->cache, link.code, &entry, 60, &err));
        assert_int_equal(ask_at(f, link.code, NOW, &found), OUTCOME_OK);
        assert_int_equal(found.level, LEVEL_DATABASE);
        assert_true(slice_eq(found.target.long_url, SLICE("https://a.example/x")));
    }
}

static void fields_are_checked(void **state)
{
    struct fixture *f = *state;
    struct link link;
    const struct {
        struct link_fields fields;
        enum outcome outcome;
        enum link_field refused;
    } rows[] = {
        { { .link.target.long_url = SLICE("nonsense") }, OUTCOME_INVALID_URL, FIELD_LONG_URL },
        { { .link.target.long_url = SLICE("javascript:alert(1)") },
          OUTCOME_UNSUPPORTED_SCHEME,
          FIELD_LONG_URL },
        { { .link.target.long_url = SLICE("https://short.example/abc") },
          OUTCOME_URL_IS_SHORT_URL,
          FIELD_LONG_URL },
        { { .link.target.long_url = SLICE("http://SHORT.example./abc") },
          OUTCOME_URL_IS_SHORT_URL,
          FIELD_LONG_URL },
        { { .link.target.long_url = SLICE("https://a.example"), .custom_alias = SLICE("a b") },
          OUTCOME_INVALID_ALIAS,
          FIELD_ALIASES },
        { { .link.target.long_url = SLICE("https://a.example"), .custom_alias = SLICE("") },
          OUTCOME_INVALID_ALIAS,
          FIELD_ALIASES },
        { { .link.target.long_url = SLICE("https://a.example"), .custom_alias = SLICE("api") },
          OUTCOME_RESERVED_ALIAS,
          FIELD_ALIASES },
        { { .link.target.long_url = SLICE("https://a.example"), .link.target.expires_at = NOW },
          OUTCOME_INVALID_TIME,
          FIELD_EXPIRES_AT },
        { { .link.target.long_url = SLICE("https://a.example"),
            .link.target.expires_at = NOW + 1000001 },
          OUTCOME_INVALID_TIME,
          FIELD_EXPIRES_AT },
        { { .link.target.long_url = SLICE("https://a.example"),
            .link.target.redirect_status = 304 },
          OUTCOME_INVALID_FIELD,
          FIELD_REDIRECT_STATUS },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        if (make(f, rows[i].fields, &link) != rows[i].outcome || f->refused != rows[i].refused)
            fail_msg("row %zu", i);
    }
    assert_int_equal(db_fake_calls(f->db), 0); /* refused before any database work */
}

/* What an admin's `force` takes, and what it does not. */
static const struct {
    struct slice alias;
    enum outcome plain, forced;
} FORCED[] = {
    { SLICE("blog"), OUTCOME_RESERVED_ALIAS, OUTCOME_OK },
    { SLICE("my-shit"), OUTCOME_RESERVED_ALIAS, OUTCOME_OK },
    { SLICE("x"), OUTCOME_INVALID_ALIAS, OUTCOME_OK },
    { SLICE("api"), OUTCOME_RESERVED_ALIAS, OUTCOME_RESERVED_ALIAS },
    { SLICE("a b"), OUTCOME_INVALID_ALIAS, OUTCOME_INVALID_ALIAS },
    { SLICE(""), OUTCOME_INVALID_ALIAS, OUTCOME_INVALID_ALIAS },
    { SLICE("pussycat"), OUTCOME_OK, OUTCOME_ALIAS_TAKEN },
};

static void an_admin_may_force_what_policy_refuses(void **state)
{
    struct fixture *f = *state;
    struct create_request request = { .now = NOW, .arena = f->arena };
    for (size_t i = 0; i < ROWS(FORCED); i++) {
        struct link link;
        struct error err = { "" };
        request.fields = (struct link_fields){ .link.target.long_url = SLICE("https://a.example"),
                                               .custom_alias = FORCED[i].alias };
        request.force = false;
        enum outcome plain = create_link(&f->shortener, &request, &link, &err);
        request.force = true;
        enum outcome forced = create_link(&f->shortener, &request, &link, &err);
        if (plain != FORCED[i].plain || forced != FORCED[i].forced)
            fail_msg("row %zu: %d, %d: %s", i, (int)plain, (int)forced, err.text);
    }
    /* The alias of a link that is sent back with a change is no new one. */
    struct manage_request change = {
        .code = SLICE("blog"), .caller = { .role = ROLE_ADMIN }, .now = NOW, .arena = f->arena
    };
    const struct link_fields fields = { .given = FIELD_BIT(FIELD_ALIASES),
                                        .custom_alias = SLICE("blog") };
    struct link changed;
    struct error err = { "" };
    assert_int_equal(manage_change(&f->shortener, &change, &fields, &changed, &err), OUTCOME_OK);
    struct link_fields other = fields;
    other.custom_alias = SLICE("contact");
    assert_int_equal(manage_change(&f->shortener, &change, &other, &changed, &err),
                     OUTCOME_RESERVED_ALIAS);
    change.force = true;
    assert_int_equal(manage_change(&f->shortener, &change, &other, &changed, &err), OUTCOME_OK);
}

static void an_alias_is_given_once(void **state)
{
    struct fixture *f = *state;
    struct link link;
    struct link_fields fields = { .link.target.long_url = SLICE("https://a.example"),
                                  .custom_alias = SLICE("spring") };
    assert_int_equal(make(f, fields, &link), OUTCOME_OK);
    assert_true(link.code_is_alias);
    assert_int_equal(make(f, fields, &link), OUTCOME_ALIAS_TAKEN);
    fields.custom_alias = SLICE("Spring");
    assert_int_equal(make(f, fields, &link), OUTCOME_OK);
    assert_int_equal(db_fake_links(f->db), 2);
}

static void a_code_taken_by_an_alias_is_passed_over(void **state)
{
    struct fixture *f = *state;
    struct error err = { "" };
    struct link link;
    char code[CODE_MAX + 1];
    assert_true(codes_prepare(&f->codes, &err));
    /* The alias itself takes id 1; the first generated code would be that of id 2. */
    assert_true(code_from_id(&f->codes.scheme, 2, code));
    struct link_fields fields = { .link.target.long_url = SLICE("https://a.example"),
                                  .custom_alias = slice_of(code) };
    assert_int_equal(make(f, fields, &link), OUTCOME_OK);
    fields.custom_alias = (struct slice){ NULL, 0 };
    assert_int_equal(make(f, fields, &link), OUTCOME_OK);
    assert_int_equal(link.target.link_id, 3);
}

static void a_lost_database_makes_no_link(void **state)
{
    struct fixture *f = *state;
    struct link link;
    struct link_fields fields = { .link.target.long_url = SLICE("https://a.example") };
    db_fake_fail(f->db, 100, DB_UNAVAILABLE, false);
    assert_int_equal(make(f, fields, &link), OUTCOME_UNAVAILABLE);
    assert_int_equal(db_fake_links(f->db), 0);
    db_fake_fail(f->db, 0, DB_OK, false);
    assert_int_equal(make(f, fields, &link), OUTCOME_OK);
}

static void without_ids_there_are_no_links(void **state)
{
    struct fixture *f = *state;
    struct db *small = db_fake_new(4, 2); /* ids 1, 2 and 3 */
    codes_key_store(small, CODE_KEY);
    f->shortener.db = f->codes.db = f->codes.sequence.db = small;
    struct link_fields fields = { .link.target.long_url = SLICE("https://a.example") };
    struct link link;
    for (int i = 0; i < 3; i++)
        assert_int_equal(make(f, fields, &link), OUTCOME_OK);
    assert_int_equal(make(f, fields, &link), OUTCOME_EXHAUSTED);
    db_close(&small);
}

static void unknown_codes_are_remembered_shortly(void **state)
{
    struct fixture *f = *state;
    struct resolution found;
    assert_int_equal(ask_at(f, SLICE("nothere"), NOW, &found), OUTCOME_MISSING);
    assert_int_equal(found.level, LEVEL_DATABASE);
    assert_int_equal(ask_at(f, SLICE("nothere"), NOW, &found), OUTCOME_MISSING);
    assert_int_equal(found.level, LEVEL_MEMCACHED);
    assert_int_equal(db_fake_calls(f->db), 1);
    cache_fake_advance(f->cache, 6);
    assert_int_equal(ask_at(f, SLICE("nothere"), NOW + 6, &found), OUTCOME_MISSING);
    assert_int_equal(found.level, LEVEL_DATABASE);
}

static void making_a_link_ends_its_absence(void **state)
{
    struct fixture *f = *state;
    struct resolution found;
    struct link link;
    assert_int_equal(ask_at(f, SLICE("soon"), NOW, &found), OUTCOME_MISSING);
    struct link_fields fields = { .link.target.long_url = SLICE("https://a.example"),
                                  .custom_alias = SLICE("soon") };
    assert_int_equal(make(f, fields, &link), OUTCOME_OK);
    assert_int_equal(ask_at(f, SLICE("soon"), NOW, &found), OUTCOME_OK);
}

static void malformed_codes_ask_nobody(void **state)
{
    struct fixture *f = *state;
    struct resolution found;
    char long_code[CODE_MAX + 2];
    memset(long_code, 'a', sizeof(long_code));
    const struct slice rows[] = {
        SLICE("a.b"), SLICE("a%41"), SLICE("\xc3\xa9"), SLICE("a b"), { long_code, CODE_MAX + 1 }
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        assert_int_equal(ask_at(f, rows[i], NOW, &found), OUTCOME_MISSING);
    assert_int_equal(db_fake_calls(f->db), 0);
    assert_int_equal(cache_fake_gets(f->cache), 0);
}

static void expiry_is_exact_whatever_the_cache_holds(void **state)
{
    struct fixture *f = *state;
    struct resolution found;
    struct link link;
    struct link_fields fields = { .link.target.long_url = SLICE("https://a.example"),
                                  .link.target.expires_at = NOW + 10 };
    assert_int_equal(make(f, fields, &link), OUTCOME_OK);
    assert_int_equal(ask_at(f, link.code, NOW + 9, &found), OUTCOME_OK);
    assert_int_equal(ask_at(f, link.code, NOW + 10, &found), OUTCOME_EXPIRED);
    assert_int_equal(found.level, LEVEL_MEMCACHED);
    cache_fake_advance(f->cache, 10);
    assert_int_equal(ask_at(f, link.code, NOW + 10, &found), OUTCOME_EXPIRED);
    assert_int_equal(found.level, LEVEL_DATABASE);
}

static void redirects_outlive_their_backends(void **state)
{
    struct fixture *f = *state;
    struct resolution found;
    struct link link;
    struct link_fields fields = { .link.target.long_url = SLICE("https://a.example") };
    assert_int_equal(make(f, fields, &link), OUTCOME_OK);
    db_fake_fail(f->db, 100, DB_UNAVAILABLE, false);
    assert_int_equal(ask_at(f, link.code, NOW, &found), OUTCOME_OK); /* from the cache */
    assert_int_equal(ask_at(f, SLICE("other"), NOW, &found), OUTCOME_UNAVAILABLE);
    db_fake_fail(f->db, 0, DB_OK, false);
    cache_fake_set_down(f->cache, true);
    assert_int_equal(ask_at(f, link.code, NOW, &found), OUTCOME_OK); /* from the database */
    assert_true(found.cache_failed);
    assert_int_equal(found.level, LEVEL_DATABASE);
}

enum {
    MS = 1000000, /* some monotonic time */
};

static bool is_always_a_visit(const void *visitor, const struct target *target)
{
    (void)visitor;
    (void)target;
    return true;
}

static enum outcome ask_local(struct fixture *f, const char *code, int64_t now, int64_t now_ms,
                              struct resolution *out)
{
    struct resolve_request request = { .code = slice_of(code),
                                       .is_visit = is_always_a_visit,
                                       .now = now,
                                       .now_ms = now_ms,
                                       .arena = f->arena };
    struct error err = { "" };
    return resolve(&f->resolver, &request, out, &err);
}

static void use_local_cache(struct fixture *f)
{
    struct error err = { "" };
    f->local = local_cache_open(NULL, LOCAL_BYTES_MIN, &err);
    assert_non_null(f->local);
    f->links.local = f->local;
    f->links.policy =
        (struct local_policy){ .ttl_ms = 5000, .negative_ttl_ms = 5000, .stale_ms = 60000 };
}

static void a_hit_in_the_local_cache_asks_nobody(void **state)
{
    struct fixture *f = *state;
    struct resolution found;
    struct link link;
    use_local_cache(f);
    struct link_fields fields = { .link.target.long_url = SLICE("https://a.example"),
                                  .custom_alias = SLICE("mine") };
    assert_int_equal(make(f, fields, &link), OUTCOME_OK);
    assert_int_equal(ask_local(f, "mine", NOW, MS, &found), OUTCOME_OK);
    assert_int_equal(found.level, LEVEL_MEMCACHED);
    unsigned calls = db_fake_calls(f->db);
    unsigned gets = cache_fake_gets(f->cache);
    assert_int_equal(ask_local(f, "mine", NOW, MS + 4000, &found), OUTCOME_OK);
    assert_int_equal(found.level, LEVEL_LOCAL);
    assert_int_equal(db_fake_calls(f->db), calls);
    assert_int_equal(cache_fake_gets(f->cache), gets);
    assert_int_equal(ask_local(f, "mine", NOW, MS + 5000, &found), OUTCOME_OK);
    assert_int_equal(found.level, LEVEL_MEMCACHED);
}

static void a_stale_target_serves_when_nobody_can_be_asked(void **state)
{
    struct fixture *f = *state;
    struct resolution found;
    struct link link;
    use_local_cache(f);
    struct link_fields fields = { .link.target.long_url = SLICE("https://a.example"),
                                  .custom_alias = SLICE("mine"),
                                  .link.target.expires_at = NOW + 30 };
    assert_int_equal(make(f, fields, &link), OUTCOME_OK);
    assert_int_equal(ask_local(f, "mine", NOW, MS, &found), OUTCOME_OK);
    assert_int_equal(ask_local(f, "none", NOW, MS, &found), OUTCOME_MISSING);
    db_fake_fail(f->db, 100, DB_UNAVAILABLE, false);
    cache_fake_set_down(f->cache, true);
    assert_int_equal(ask_local(f, "mine", NOW + 20, MS + 20000, &found), OUTCOME_OK);
    assert_int_equal(found.level, LEVEL_LOCAL);
    assert_int_equal(ask_local(f, "none", NOW + 20, MS + 20000, &found), OUTCOME_UNAVAILABLE);
    assert_int_equal(ask_local(f, "mine", NOW + 30, MS + 20500, &found), OUTCOME_EXPIRED);
    assert_int_equal(ask_local(f, "mine", NOW + 29, MS + 65000, &found), OUTCOME_UNAVAILABLE);
}

/* Memcached does not answer; and while it is asked, a worker that stood still completes an entry.
 */
struct writer {
    struct cache memcached;
    struct local_slot *slot;
};

static enum cache_result complete_the_entry(struct cache *cache, struct slice code,
                                            struct arena *arena, struct cache_entry *out,
                                            struct error *err)
{
    struct writer *writer = (struct writer *)cache;
    (void)code;
    (void)arena;
    (void)out;
    (void)err;
    writer->slot->sequence++;
    return CACHE_DOWN;
}

static void an_entry_that_is_just_being_written_serves_when_nobody_can_be_asked(void **state)
{
    static const struct cache_ops ops = { .get = complete_the_entry };
    struct fixture *f = *state;
    struct resolution found;
    struct link link;
    use_local_cache(f);
    struct link_fields fields = { .link.target.long_url = SLICE("https://a.example"),
                                  .custom_alias = SLICE("mine") };
    assert_int_equal(make(f, fields, &link), OUTCOME_OK);
    assert_int_equal(ask_local(f, "mine", NOW, MS, &found), OUTCOME_OK);
    struct writer writer = { .memcached = { &ops },
                             .slot = local_slot_of(f->local, SLICE("mine")) };
    writer.slot->sequence++;
    f->links.remote = &writer.memcached;
    db_fake_fail(f->db, 100, DB_UNAVAILABLE, false);
    assert_int_equal(ask_local(f, "mine", NOW, MS + 10, &found), OUTCOME_OK);
    assert_int_equal(found.level, LEVEL_LOCAL);
    assert_true(slice_eq(found.target.long_url, SLICE("https://a.example")));
}

static void only_one_asks_for_what_is_just_late(void **state)
{
    struct fixture *f = *state;
    struct resolution found;
    struct link link;
    use_local_cache(f);
    struct link_fields fields = { .link.target.long_url = SLICE("https://a.example"),
                                  .custom_alias = SLICE("mine") };
    assert_int_equal(make(f, fields, &link), OUTCOME_OK);
    assert_int_equal(ask_local(f, "mine", NOW, MS, &found), OUTCOME_OK);
    assert_true(local_cache_lease(f->local, SLICE("mine"), MS + 4950)); /* another worker's */
    assert_int_equal(ask_local(f, "mine", NOW, MS + 4960, &found), OUTCOME_OK);
    assert_int_equal(found.level, LEVEL_LOCAL);
    local_cache_release(f->local, SLICE("mine"));
    assert_int_equal(ask_local(f, "mine", NOW, MS + 4970, &found), OUTCOME_OK);
    assert_int_equal(found.level, LEVEL_MEMCACHED);
}

static void a_change_is_seen_at_once(void **state)
{
    struct fixture *f = *state;
    struct resolution found;
    struct link link;
    use_local_cache(f);
    assert_int_equal(ask_local(f, "mine", NOW, MS, &found), OUTCOME_MISSING);
    f->shortener.cache = &f->links;
    struct link_fields fields = { .link.target.long_url = SLICE("https://a.example"),
                                  .custom_alias = SLICE("mine") };
    assert_int_equal(make(f, fields, &link), OUTCOME_OK);
    assert_int_equal(ask_local(f, "mine", NOW, MS, &found), OUTCOME_OK);
}

static void create_key(struct fixture *f, enum user_role role, unsigned char fill,
                       struct api_key *key, char text[KEY_TEXT_MAX])
{
    unsigned char secret[KEY_SECRET_BYTES];
    struct error err = { "" };
    memset(secret, fill, sizeof(secret));
    *key = (struct api_key){ .user = SLICE("ann"), .role = role, .created_at = NOW };
    assert_int_equal(auth_key_create(f->db, key, secret, text, &err), DB_OK);
}

static void keys_open_and_lookalikes_do_not(void **state)
{
    struct fixture *f = *state;
    struct auth auth = { .db = f->db, .remember_s = 5 };
    struct api_key key;
    char text[KEY_TEXT_MAX];
    struct caller caller;
    struct error err = { "" };
    create_key(f, ROLE_ADMIN, 0x5a, &key, text);
    assert_int_equal(
        auth_check(&auth, &(struct auth_question){ slice_of(text), NOW, true }, &caller, &err),
        AUTH_OK);
    assert_int_equal(caller.role, ROLE_ADMIN);
    assert_int_equal(caller.key_id, key.id);
    assert_true(slice_eq(caller.user, SLICE("ann")));
    for (size_t i = 0; i < strlen(text); i++) {
        char bent[KEY_TEXT_MAX];
        memcpy(bent, text, sizeof(bent));
        bent[i] = bent[i] == 'x' ? 'y' : 'x';
        if (auth_check(&auth, &(struct auth_question){ slice_of(bent), NOW, true }, &caller,
                       &err) != AUTH_REFUSED)
            fail_msg("a key with byte %zu changed was let in", i);
    }
    const char *others[] = { "", "curt_", "curt_1_", "curt_0_x", "curt_1", "curt__", "x" };
    for (size_t i = 0; i < ROWS(others); i++)
        assert_int_equal(auth_check(&auth,
                                    &(struct auth_question){ slice_of(others[i]), NOW, true },
                                    &caller, &err),
                         AUTH_REFUSED);
}

static void a_key_is_remembered_for_a_while(void **state)
{
    struct fixture *f = *state;
    struct auth auth = { .db = f->db, .remember_s = 5 };
    struct api_key key;
    char text[KEY_TEXT_MAX];
    struct caller caller;
    struct error err = { "" };
    create_key(f, ROLE_USER, 0x5a, &key, text);
    assert_int_equal(
        auth_check(&auth, &(struct auth_question){ slice_of(text), NOW, true }, &caller, &err),
        AUTH_OK);
    unsigned calls = db_fake_calls(f->db);
    assert_int_equal(
        auth_check(&auth, &(struct auth_question){ slice_of(text), NOW + 4, true }, &caller, &err),
        AUTH_OK);
    assert_int_equal(db_fake_calls(f->db), calls);
    db_fake_fail(f->db, 1, DB_UNAVAILABLE, false);
    assert_int_equal(
        auth_check(&auth, &(struct auth_question){ slice_of(text), NOW + 5, true }, &caller, &err),
        AUTH_UNAVAILABLE);
    assert_int_equal(
        auth_check(&auth, &(struct auth_question){ slice_of(text), NOW + 5, true }, &caller, &err),
        AUTH_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_link_is_made_and_found),
        TEST(a_cached_target_that_could_not_be_made_is_passed_over),
        TEST(fields_are_checked),
        TEST(an_admin_may_force_what_policy_refuses),
        TEST(an_alias_is_given_once),
        TEST(a_code_taken_by_an_alias_is_passed_over),
        TEST(a_lost_database_makes_no_link),
        TEST(without_ids_there_are_no_links),
        TEST(unknown_codes_are_remembered_shortly),
        TEST(making_a_link_ends_its_absence),
        TEST(malformed_codes_ask_nobody),
        TEST(expiry_is_exact_whatever_the_cache_holds),
        TEST(redirects_outlive_their_backends),
        TEST(a_hit_in_the_local_cache_asks_nobody),
        TEST(a_stale_target_serves_when_nobody_can_be_asked),
        TEST(an_entry_that_is_just_being_written_serves_when_nobody_can_be_asked),
        TEST(only_one_asks_for_what_is_just_late),
        TEST(a_change_is_seen_at_once),
        TEST(keys_open_and_lookalikes_do_not),
        TEST(a_key_is_remembered_for_a_while),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
