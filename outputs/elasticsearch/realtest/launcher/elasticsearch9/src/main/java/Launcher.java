import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

import org.elasticsearch.Version;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.Priority;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.KeyStoreWrapper;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.env.Environment;
import org.elasticsearch.gateway.GatewayService;
import org.elasticsearch.http.HttpServerTransport;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * Starts one real Elasticsearch node on loopback from jars on the class path.
 *
 * usage: Launcher PORT DATADIR [setting=value ...] [secure:setting=value ...]
 *
 * PORT 0 takes a free port. The system property realtest.home names a directory
 * laid out like a distribution: lib (server jars, on the class path) and
 * modules/NAME (one directory for each plugin, loaded by the node itself).
 */
public final class Launcher {

    private Launcher() {}

    public static void main(String[] args) throws Exception {
        if (args.length < 2) {
            System.err.println("usage: Launcher PORT DATADIR [setting=value ...]");
            System.exit(2);
        }
        final long t0 = System.nanoTime();
        final Path base = Paths.get(args[1]).toAbsolutePath().normalize();
        final Path home = Paths.get(System.getProperty("realtest.home")).toAbsolutePath().normalize();
        final Path config = base.resolve("config");
        Files.createDirectories(config);
        writeDescriptors(home.resolve("modules"));

        final Settings.Builder sb = Settings.builder()
            .put("path.home", home.toString())
            .put("path.data", base.resolve("data").toString())
            .put("path.logs", base.resolve("logs").toString())
            .put("cluster.name", "realtest")
            .put("node.name", "realtest-0")
            .put("network.host", "127.0.0.1")
            .put("http.port", args[0])
            .put("transport.port", "0")
            .put("discovery.type", "single-node")
            .put("cluster.routing.allocation.disk.threshold_enabled", false);
        final KeyStoreWrapper secure = KeyStoreWrapper.create();
        for (int i = 2; i < args.length; i++) {
            final int eq = args[i].indexOf('=');
            if (eq < 1) {
                throw new IllegalArgumentException("want setting=value, got " + args[i]);
            }
            final String key = args[i].substring(0, eq);
            final String value = args[i].substring(eq + 1);
            if (key.startsWith("secure:")) {
                secure.setString(key.substring("secure:".length()), value.toCharArray());
            } else {
                sb.put(key, value);
            }
        }
        sb.setSecureSettings(secure);

        final Environment env = InternalSettingsPreparer.prepareEnvironment(
            sb.build(), Map.of(), config, () -> "realtest-0");
        LogConfigurator.configureWithoutConfig(env.settings());
        final PluginsLoader loader = PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(env.modulesDir(), false), Set.of(), Map.of(), false);

        final Node node = new Node(env, loader);
        final CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
                node.awaitClose(20, TimeUnit.SECONDS);
            } catch (Exception e) {
                e.printStackTrace();
            } finally {
                stopped.countDown();
            }
        }, "realtest-stop"));
        node.start();
        awaitRecovered(node);

        final HttpServerTransport http = node.injector().getInstance(HttpServerTransport.class);
        final int port = http.boundAddress().publishAddress().getPort();
        final boolean tls = env.settings().getAsBoolean("xpack.security.http.ssl.enabled", false);
        System.out.printf("READY %s://127.0.0.1:%d version=%s pid=%d start_ms=%d%n",
            tls ? "https" : "http", port, Version.CURRENT, ProcessHandle.current().pid(),
            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - t0));
        System.out.flush();

        // A parent that opened our stdin as a pipe stops the node by closing it.
        if (Boolean.getBoolean("realtest.stdin")) {
            while (System.in.read() != -1) {
                // nothing is read on purpose
            }
            System.exit(0);
        }
        stopped.await();
    }

    /**
     * Until the cluster state is recovered the node answers 503 (and 401 to a
     * good password); until the primaries are started a search misses shards.
     */
    private static void awaitRecovered(Node node) throws Exception {
        final ClusterService cluster = node.injector().getInstance(ClusterService.class);
        while (cluster.state().blocks().hasGlobalBlock(GatewayService.STATE_NOT_RECOVERED_BLOCK)) {
            Thread.sleep(20);
        }
        node.client().admin().cluster().prepareHealth(TimeValue.timeValueSeconds(60))
            .setWaitForEvents(Priority.LANGUID).setWaitForYellowStatus().get(TimeValue.timeValueSeconds(60));
    }

    /**
     * Puts the descriptor that each module jar carries inside itself where the
     * plugin loader looks for it. The modulename line goes: it would ask for a
     * Java module layer, and the server is on the class path here.
     */
    private static void writeDescriptors(Path modules) throws IOException {
        try (DirectoryStream<Path> dirs = Files.newDirectoryStream(modules)) {
            for (Path dir : dirs) {
                final String name = dir.getFileName().toString();
                final Properties p = descriptor(dir, name);
                p.remove("modulename");
                p.values().removeIf(v -> v.toString().isEmpty());
                final Path tmp = Files.createTempFile(dir, "descriptor", ".tmp");
                try (var w = Files.newBufferedWriter(tmp)) {
                    p.store(w, null);
                }
                Files.move(tmp, dir.resolve("plugin-descriptor.properties"),
                    StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    private static Properties descriptor(Path dir, String name) throws IOException {
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(dir, "*.jar")) {
            for (Path jar : jars) {
                try (JarFile jf = new JarFile(jar.toFile())) {
                    final JarEntry e = jf.getJarEntry("META-INF/es-plugins/" + name + "/plugin-descriptor.properties");
                    if (e != null) {
                        final Properties p = new Properties();
                        p.load(jf.getInputStream(e));
                        return p;
                    }
                }
            }
        }
        throw new IOException("no descriptor for module " + name + " in " + dir);
    }
}
