"""Ratings, shares, exports, and the words that are searched, with the functions that alone may look at them."""

import uuid

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import csuite.tenants.models.owned

# Words of a title or a message, with one that only this person of this tenant has: the index then finds hers alone.
# What is temporary is never written down.
FUNCTIONS = """
CREATE FUNCTION conversation_person_word(p_tenant uuid, p_person uuid) RETURNS text LANGUAGE sql IMMUTABLE
AS $$ SELECT '=' || p_tenant::text || p_person::text $$;

CREATE FUNCTION conversation_words() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$ BEGIN
    IF NEW.temporary OR NEW.title = '' THEN RETURN NULL; END IF;
    INSERT INTO public.conversations_searchentry AS e (id, tenant_id, user_id, conversation_id, is_title, at, words)
    VALUES (NEW.id, NEW.tenant_id, NEW.user_id, NEW.id, true, NEW.created_at, to_tsvector('simple', NEW.title)
        || array_to_tsvector(ARRAY[public.conversation_person_word(NEW.tenant_id, NEW.user_id)]))
    ON CONFLICT (id) DO UPDATE SET words = EXCLUDED.words;
    RETURN NULL;
END $$;

CREATE FUNCTION message_words() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$ BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM public.conversations_searchentry WHERE id = OLD.id;
        RETURN NULL;
    END IF;
    IF NEW.text = '' THEN RETURN NULL; END IF;
    INSERT INTO public.conversations_searchentry AS e (id, tenant_id, user_id, conversation_id, is_title, at, words)
    SELECT NEW.id, NEW.tenant_id, c.user_id, c.id, false, NEW.created_at, to_tsvector('simple', left(NEW.text, 100000))
        || array_to_tsvector(ARRAY[public.conversation_person_word(NEW.tenant_id, c.user_id)])
    FROM public.conversations_conversation c
    WHERE c.id = NEW.conversation_id AND c.tenant_id = NEW.tenant_id
        AND NOT c.temporary
    ON CONFLICT (id) DO UPDATE SET words = EXCLUDED.words;
    RETURN NULL;
END $$;

CREATE TRIGGER conversation_words AFTER INSERT OR UPDATE OF title ON conversations_conversation
    FOR EACH ROW EXECUTE FUNCTION conversation_words();
CREATE TRIGGER message_words AFTER INSERT OR DELETE OR UPDATE OF text ON conversations_message
    FOR EACH ROW EXECUTE FUNCTION message_words();

ALTER TABLE conversations_searchentry ADD CONSTRAINT conversations_searchentry_conversation
    FOREIGN KEY (conversation_id) REFERENCES conversations_conversation (id) ON DELETE CASCADE;

-- The best hit of each conversation, newest first. The tenant must be that of the open scope as well.
CREATE FUNCTION conversation_search(p_tenant uuid, p_person uuid, p_wanted text, p_persona text, p_since timestamptz,
    p_until timestamptz, p_archived boolean, p_most integer)
RETURNS TABLE (conversation uuid, entry uuid, is_title boolean, at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT h.conversation_id, h.id, h.is_title, h.at FROM (
        SELECT DISTINCT ON (e.conversation_id) e.conversation_id, e.id, e.is_title, e.at
        FROM public.conversations_searchentry e
        WHERE e.words @@ (
                (quote_literal(public.conversation_person_word(p_tenant, p_person))::tsquery)
                && to_tsquery('simple', p_wanted))
            AND e.tenant_id = p_tenant AND e.user_id = p_person
            AND e.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid
            AND (p_since IS NULL OR e.at >= p_since) AND (p_until IS NULL OR e.at < p_until)
        ORDER BY e.conversation_id, e.is_title DESC, e.at DESC
    ) h JOIN public.conversations_conversation c ON c.id = h.conversation_id
    WHERE c.tenant_id = p_tenant AND c.user_id = p_person AND c.deleted_at IS NULL
        AND (p_archived IS NULL OR (c.archived_at IS NOT NULL) = p_archived)
        AND (p_persona = '' OR c.personas @> to_jsonb(p_persona))
    ORDER BY h.at DESC LIMIT p_most
$$;

-- What was said before: touches nothing but the search table. The owner is bound by the policies, hence the setting.
SELECT set_config('app.platform', 'on', true);
INSERT INTO conversations_searchentry (id, tenant_id, user_id, conversation_id, is_title, at, words)
SELECT c.id, c.tenant_id, c.user_id, c.id, true, c.created_at, to_tsvector('simple', c.title)
    || array_to_tsvector(ARRAY[conversation_person_word(c.tenant_id, c.user_id)])
FROM conversations_conversation c WHERE c.title <> '' AND NOT c.temporary
UNION ALL
SELECT m.id, m.tenant_id, c.user_id, c.id, false, m.created_at, to_tsvector('simple', left(m.text, 100000))
    || array_to_tsvector(ARRAY[conversation_person_word(m.tenant_id, c.user_id)])
FROM conversations_message m JOIN conversations_conversation c ON c.id = m.conversation_id WHERE m.text <> '' AND NOT c.temporary;
SELECT set_config('app.platform', '', true);
"""
UNDO = """
DROP FUNCTION conversation_search(uuid, uuid, text, text, timestamptz, timestamptz, boolean, integer);
DROP TRIGGER message_words ON conversations_message;
DROP TRIGGER conversation_words ON conversations_conversation;
DROP FUNCTION message_words();
DROP FUNCTION conversation_words();
DROP FUNCTION conversation_person_word(uuid, uuid);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0005_temporary_and_rewording"),
        ("tenants", "0002_people_flags_sign_on"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        help_text="Of the message, or of the conversation for a title.",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant_id", models.UUIDField()),
                ("user_id", models.UUIDField()),
                ("conversation_id", models.UUIDField(help_text="The database deletes with it: the web role may not.")),
                ("is_title", models.BooleanField()),
                ("at", models.DateTimeField()),
                (
                    "words",
                    django.contrib.postgres.search.SearchVectorField(
                        help_text="With a word of the person's own, so that the index finds hers only."
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["words"], name="searchentry_words"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("format", models.CharField(max_length=4)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for its turn"),
                            ("working", "Being written"),
                            ("done", "Ready"),
                            ("failed", "Could not be written"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("data", models.BinaryField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "step_at",
                    models.DateTimeField(default=django.utils.timezone.now, help_text="A worker was at it last."),
                ),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "conversation",
                    csuite.tenants.models.owned.TenantForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.tenant"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["tenant", "user", "-created_at"], name="export_of_person"),
                    models.Index(
                        condition=models.Q(("status__in", ["waiting", "working"])),
                        fields=["step_at"],
                        name="export_open",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("conversation", None), ("status__in", ["waiting", "working"])),
                        fields=("tenant", "user", "format"),
                        name="export_all_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Rating",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("good", models.BooleanField()),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("right", "Correct and useful"),
                            ("clear", "Clear and short"),
                            ("acted", "I can act on it"),
                            ("wrong", "Figures or facts are wrong"),
                            ("missed", "It missed my question"),
                            ("vague", "Too vague or too long"),
                            ("stale", "Based on old data"),
                            ("other", "Something else"),
                        ],
                        max_length=10,
                    ),
                ),
                ("comment", models.TextField(blank=True, max_length=1000)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "message",
                    csuite.tenants.models.owned.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ratings",
                        to="conversations.message",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.tenant"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["tenant", "updated_at"], name="rating_recent")],
                "constraints": [models.UniqueConstraint(fields=("tenant", "message", "user"), name="rating_once")],
            },
        ),
        migrations.CreateModel(
            name="Share",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=120)),
                ("snapshot", models.JSONField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "conversation",
                    csuite.tenants.models.owned.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.tenant"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["tenant", "user", "-created_at"], name="share_of_person")],
            },
        ),
        migrations.RunSQL(FUNCTIONS, UNDO),
    ]
