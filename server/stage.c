#include "server/stage.h"

#include <unistd.h>

#include "server/session/hub.h"
#include "server/sio/sio_echo.h"
#include "server/sio/sio_game.h"
#include "shared/bytes.h"
#include "shared/host/digest.h"
#include "shared/host/error.h"
#include "shared/json_write.h"
#include "shared/version.h"

#define ROOM_THREADS_MAX 4 /* unless the config asks for more */
#define MEGABYTE         UINT64_C(1000000)

#define PUBLIC_ROOMS_MAX \
    256 /* told to anyone: at 130 bytes at most each, they fit into one answer */

enum result stage_plan(struct stage *stage, const struct config *config, struct error *error)
{
    uint64_t seed;
    *stage = (struct stage){0};
    digest_random(&seed, sizeof seed);
    return room_plan_init(&stage->plan, config, seed, error);
}

static uint32_t thread_count(const struct config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t count = config->room_threads;
    if (count == 0)
        count = cores < 1 ? 1 : cores > ROOM_THREADS_MAX ? ROOM_THREADS_MAX : (uint32_t)cores;
    return count;
}

static void wake_worker(void *context, uint32_t worker)
{
    struct server *server = context;
    worker_wake(&server->workers[worker]);
}

static void put_room(void *context, const struct room *room)
{
    struct json_writer *w = context;
    const struct room_settings *settings = room_settings(room);
    struct room_stats stats;
    room_read_stats(room, &stats);
    const struct {
        const char *key;
        uint64_t value;
    } numbers[] = {{"players", stats.players},       {"bots", stats.bots},
                   {"spectators", stats.spectators}, {"capacity", settings->seat_capacity},
                   {"entities", stats.entities},     {"tick", stats.tick}};

    json_open(w, '{');
    json_put_key(w, "name");
    json_put_text(w, settings->name, text_length(settings->name));
    json_put_key(w, "game");
    json_put_text(w, settings->game->name, text_length(settings->game->name));
    json_put_key(w, "map");
    json_put_text(w, settings->map_name, text_length(settings->map_name));
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        json_put_key(w, numbers[i].key);
        json_put_unsigned(w, numbers[i].value);
    }
    json_close(w, '}');
}

static size_t write_rooms(struct server *server, char *text, size_t capacity_bytes)
{
    struct json_writer w;
    json_writer_init(&w, text, capacity_bytes);
    json_open(&w, '[');
    rooms_visit(server->rooms, put_room, &w);
    json_close(&w, ']');
    return json_finish(&w);
}

struct public_list {
    struct json_writer w;
    size_t count;
};

static void put_public_room(void *context, const struct room *room)
{
    struct public_list *list = context;
    const struct room_settings *settings = room_settings(room);
    struct room_stats stats;

    if (list->count == PUBLIC_ROOMS_MAX) return;
    list->count++;
    room_read_stats(room, &stats);
    json_open(&list->w, '{');
    json_put_key(&list->w, "name");
    json_put_text(&list->w, settings->name, text_length(settings->name));
    json_put_key(&list->w, "game");
    json_put_text(&list->w, settings->game->name, text_length(settings->game->name));
    json_put_key(&list->w, "players");
    json_put_unsigned(&list->w, stats.players);
    json_put_key(&list->w, "players_max");
    json_put_unsigned(&list->w, settings->seat_capacity);
    json_close(&list->w, '}');
}

static size_t write_public_rooms(struct server *server, char *text, size_t capacity_bytes)
{
    struct public_list list = {.count = 0};

    json_writer_init(&list.w, text, capacity_bytes);
    json_open(&list.w, '[');
    rooms_visit(server->rooms, put_public_room, &list);
    json_close(&list.w, ']');
    return json_finish(&list.w);
}

static enum result open_rooms(struct stage *stage, struct server *server,
                              const struct frame_sink *sink, struct error *error)
{
    const struct config *config = server->config;
    const struct room_plan *plan = &stage->plan;
    const struct rooms_setup setup = {.rooms = plan->settings,
                                      .room_count = plan->count,
                                      .template = plan->has_template ? &plan->template : NULL,
                                      .rooms_max = plan->capacity,
                                      .keep_ms = config->room_keep_s * 1000,
                                      .recorded_max = config->rooms_recorded_max,
                                      .seed = plan->seed,
                                      .thread_count = thread_count(config),
                                      .worker_count = server->worker_count,
                                      .wake = wake_worker,
                                      .wake_context = server,
                                      .sink = sink,
                                      .witness = {stage->line_logs, line_logs_see},
                                      .log = server->log};
    stage->rooms = rooms_create(&setup, error);
    return stage->rooms == NULL ? error->code : RESULT_OK;
}

static enum result open_recorder(struct stage *stage, struct server *server, struct error *error)
{
    const struct config *config = server->config;
    const struct recorder_settings settings = {
        .dir = config->record,
        .build = TICKWIRE_VERSION,
        .room_thread_count = thread_count(config),
        .room_capacity = stage->plan.capacity,
        .retention = {config->record_keep_s, config->record_keep_mb * MEGABYTE},
        .rooms = &recorder_rooms,
        .log = server->log};
    struct error cause;
    if (config->record[0] == '\0') return RESULT_OK;
    if (recorder_create(&stage->recorder, &settings, &cause) != RESULT_OK)
        return error_set(error, cause.code, "cannot record: %.200s", cause.message);
    metrics_register(&server->metrics, recorder_metrics(stage->recorder));
    return RESULT_OK;
}

static size_t write_recordings(struct server *server, const char *before, char *text,
                               size_t capacity_bytes)
{
    return playbacks_write_list(server->playbacks, before, text, capacity_bytes);
}

static enum result open_playbacks(struct stage *stage, struct server *server, struct error *error)
{
    const struct config *config = server->config;
    const struct playbacks_settings settings = {.dir = config->record,
                                                .playbacks_max = config->playbacks_max,
                                                .address_max = config->address_playbacks_max,
                                                .delay_ms = config->spectate_delay_ms,
                                                .idle_ms = config->playback_idle_s * 1000,
                                                .worker_count = server->worker_count,
                                                .wake = wake_worker,
                                                .wake_context = server};
    if (config->record[0] == '\0') return RESULT_OK;
    if (playbacks_create(&stage->playbacks, &settings, error) != RESULT_OK) return error->code;
    for (uint32_t i = 0; i < PLAYBACK_THREADS; i++)
        metrics_register(&server->metrics, playbacks_metrics(stage->playbacks, i));
    server->playbacks = stage->playbacks;
    server->hooks.replay = &hub_replay;
    server->hooks.recordings_json = write_recordings;
    return RESULT_OK;
}

enum result stage_open(struct stage *stage, struct server *server, struct error *error)
{
    struct frame_sink sink = {0};
    if (open_recorder(stage, server, error) != RESULT_OK) return error->code;
    stage->line_logs = line_logs_create(stage->plan.capacity);
    if (stage->line_logs == NULL)
        return error_set(error, RESULT_IO, "no memory for what is told to those who come back");
    server->line_logs = stage->line_logs;
    if (stage->recorder != NULL) sink = recorder_sink(stage->recorder);
    if (open_rooms(stage, server, &sink, error) != RESULT_OK) return error->code;
    for (uint32_t i = 0; i < rooms_thread_count(stage->rooms); i++)
        metrics_register(&server->metrics, rooms_metrics(stage->rooms, i));
    server->rooms = stage->rooms;
    server->hooks = (struct server_hooks){.worker = hub_hooks,
                                          .updates = &hub_updates,
                                          .sio = server->config->sio_echo ? &sio_echo_service
                                                                          : &sio_game_service,
                                          .rooms_json = write_rooms,
                                          .public_rooms_json = write_public_rooms};
    return open_playbacks(stage, server, error);
}

enum result stage_start(struct stage *stage, struct error *error)
{
    if (stage->recorder != NULL && recorder_start(stage->recorder, error) != RESULT_OK)
        return error->code;
    if (stage->playbacks != NULL && playbacks_start(stage->playbacks, error) != RESULT_OK)
        return error->code;
    return rooms_start(stage->rooms, error);
}

void stage_stop(struct stage *stage)
{
    if (stage->playbacks != NULL) playbacks_stop(stage->playbacks);
    if (stage->rooms != NULL) rooms_stop(stage->rooms);
    if (stage->recorder != NULL) recorder_stop(stage->recorder);
}

void stage_deinit(struct stage *stage)
{
    line_logs_destroy(stage->line_logs);
    stage->line_logs = NULL;
    playbacks_destroy(stage->playbacks);
    stage->playbacks = NULL;
    recorder_destroy(stage->recorder);
    stage->recorder = NULL;
    if (stage->rooms != NULL) rooms_destroy(stage->rooms);
    stage->rooms = NULL;
    room_plan_deinit(&stage->plan);
}
