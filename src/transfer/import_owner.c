/* SPDX-License-Identifier: MIT */
/* Looks owners up once each, and creates missing ones. */
#include "transfer/import_owner.h"

#include <string.h>

#include "service/keys.h"

static const struct import_owner *find_known(const struct import_owners *owners, struct slice name)
{
    for (unsigned i = 0; i < owners->n_known; i++) {
        if (slice_eq(slice_of(owners->known[i].name), name))
            return &owners->known[i];
    }
    return NULL;
}

static void import_owner_remember(struct import_owners *owners, const struct user *user)
{
    if (owners->n_known == IMPORT_OWNERS_MAX || user->name.len > USER_NAME_MAX)
        return;
    struct import_owner *owner = &owners->known[owners->n_known++];
    *owner = (struct import_owner){ .id = user->id };
    memcpy(owner->name, user->name.at, user->name.len);
}

/* Creates the user; one that another process has created meanwhile is used. */
static enum db_result make_user(struct import_owners *owners, struct user *user,
                                struct arena *arena, struct error *err)
{
    const char *wrong = user_name_fault(user->name);
    if (wrong) {
        error_set(err, "%s", wrong);
        return DB_MISSING;
    }
    struct slice name = user->name;
    if (owners->dry_run) {
        uint64_t key = import_seen_user(name);
        owners->n_made += !import_seen_find(owners->seen, key);
        import_seen_add(owners->seen, key, SLICE(""), 0);
        user->id = IMPORT_OWNER_NEW;
        return DB_OK;
    }
    *user = (struct user){ .name = name, .role = ROLE_USER, .created_at = owners->now };
    enum db_result result = db_user_add(owners->db, user, err);
    owners->n_made += result == DB_OK;
    return result == DB_TAKEN ? db_user_find(owners->db, name, arena, user, err) : result;
}

enum db_result import_owner_find(struct import_owners *owners, struct slice name,
                                 struct arena *arena, uint32_t *id, struct error *err)
{
    const struct import_owner *known = find_known(owners, name);
    *id = known ? known->id : 0;
    if (known || name.len == 0)
        return DB_OK;
    struct user user;
    enum db_result result = db_user_find(owners->db, name, arena, &user, err);
    if (result == DB_MISSING && owners->make) {
        user.name = name;
        result = make_user(owners, &user, arena, err);
    } else if (result == DB_MISSING) {
        error_set(err, "there is no user %.*s", SLICE_ARG(name));
    }
    if (result != DB_OK)
        return result;
    *id = user.id;
    user.name = name;
    import_owner_remember(owners, &user);
    return DB_OK;
}
