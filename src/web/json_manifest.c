/* SPDX-License-Identifier: MIT */
/* Writes the manifest by which browsers install the pages (W3C, Web Application Manifest), with the
 * target of what is shared with them (W3C, Web Share Target). */
#include <json-c/json.h>

#include "base/buf.h"
#include "web/json_object.h"
#include "web/json_out.h"
#include "web/pages_files.h"

enum {
    PATH_MAX_BYTES = 4096,
};

/* A path below that of the pages. */
static struct json_object *manifest_path(const struct exchange *x, const char *below,
                                         const char *name)
{
    struct buf path = buf_in(x->arena, PATH_MAX_BYTES);
    buf_add(&path, x->site->base_path);
    buf_add(&path, x->site->pages_path);
    buf_printf(&path, "%s%s", below, name);
    return json_text(buf_slice(&path));
}

static struct json_object *manifest_icon(const struct exchange *x)
{
    struct json_object *icon = json_object_new_object();
    const struct pages_file *file = PAGES_FILES;
    while (file->role != PAGES_ICON && file->role != PAGES_END)
        file++;
    if (x->site->brand.icon.len) {
        json_add(icon, "src", manifest_path(x, "/icon", ""));
    } else {
        json_add(icon, "src", manifest_path(x, "/files/", file->name ? file->name : ""));
        json_add(icon, "type", json_object_new_string("image/svg+xml"));
    }
    json_add(icon, "sizes", json_object_new_string("any"));
    return icon;
}

/* The names of the parameters are those that www/pages/shared.js reads. */
static struct json_object *manifest_share_target(const struct exchange *x)
{
    static const char *const names[] = { "title", "text", "url" };
    struct json_object *parameters = json_object_new_object();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        json_add(parameters, names[i], json_object_new_string(names[i]));
    struct json_object *target = json_object_new_object();
    json_add(target, "action", manifest_path(x, "/", ""));
    json_add(target, "method", json_object_new_string("GET"));
    json_add(target, "params", parameters);
    return target;
}

struct slice json_manifest(const struct exchange *x)
{
    const struct brand *brand = &x->site->brand;
    struct slice name = x->site->operator_name.len ? x->site->operator_name : SLICE("Short links");
    struct json_object *o = json_object_new_object();
    struct json_object *icons = json_object_new_array();
    json_object_array_add(icons, manifest_icon(x));
    json_add(o, "name", json_text(name));
    json_add(o, "short_name", json_text(name));
    json_add(o, "id", manifest_path(x, "/", ""));
    json_add(o, "start_url", manifest_path(x, "/", ""));
    json_add(o, "scope", manifest_path(x, "/", ""));
    json_add(o, "display", json_object_new_string("standalone"));
    json_add(o, "background_color", json_object_new_string("#f7f8fa"));
    json_add(o, "theme_color",
             json_text(brand->theme_light.len ? brand->theme_light : SLICE("#f7f8fa")));
    json_add(o, "icons", icons);
    json_add(o, "share_target", manifest_share_target(x));
    return json_render(x->arena, o);
}
