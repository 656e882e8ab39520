import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.elasticsearch.Version;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.Priority;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.env.Environment;
import org.elasticsearch.gateway.GatewayService;
import org.elasticsearch.http.HttpServerTransport;
import org.elasticsearch.index.mapper.MapperExtrasPlugin;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.reindex.ReindexPlugin;
import org.elasticsearch.transport.Netty4Plugin;

/**
 * Starts one node of Elasticsearch 7.17 on loopback from jars on the class path.
 *
 * usage: Launcher PORT DATADIR [setting=value ...]
 */
public final class Launcher {

    private Launcher() {}

    /** A node whose modules are on the class path, which only a subclass may say. */
    private static final class ClassPathNode extends Node {
        ClassPathNode(Environment env, Collection<Class<? extends Plugin>> modules) {
            super(env, modules, true);
        }
    }

    public static void main(String[] args) throws Exception {
        if (args.length < 2) {
            System.err.println("usage: Launcher PORT DATADIR [setting=value ...]");
            System.exit(2);
        }
        final long t0 = System.nanoTime();
        final Path base = Paths.get(args[1]).toAbsolutePath().normalize();
        final Path config = base.resolve("config");
        Files.createDirectories(config);

        final Settings.Builder sb = Settings.builder()
            .put("path.home", base.toString())
            .put("path.data", base.resolve("data").toString())
            .put("path.logs", base.resolve("logs").toString())
            .put("cluster.name", "realtest")
            .put("node.name", "realtest-0")
            .put("network.host", "127.0.0.1")
            .put("http.port", args[0])
            .put("transport.port", "0")
            .put("transport.type", "netty4")
            .put("http.type", "netty4")
            .put("discovery.type", "single-node")
            .put("cluster.routing.allocation.disk.threshold_enabled", false);
        for (int i = 2; i < args.length; i++) {
            final int eq = args[i].indexOf('=');
            if (eq < 1) {
                throw new IllegalArgumentException("want setting=value, got " + args[i]);
            }
            sb.put(args[i].substring(0, eq), args[i].substring(eq + 1));
        }

        final Environment env = InternalSettingsPreparer.prepareEnvironment(sb.build(), Map.of(), config, () -> "realtest-0");
        LogConfigurator.configureWithoutConfig(env.settings());

        final Node node = new ClassPathNode(env, List.of(Netty4Plugin.class, ReindexPlugin.class, MapperExtrasPlugin.class));
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
        System.out.printf("READY http://127.0.0.1:%d version=%s pid=%d start_ms=%d%n",
            http.boundAddress().publishAddress().getPort(), Version.CURRENT, ProcessHandle.current().pid(),
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
     * Until the cluster state is recovered the node answers 503; until the
     * primaries are started a search misses shards.
     */
    private static void awaitRecovered(Node node) throws Exception {
        final ClusterService cluster = node.injector().getInstance(ClusterService.class);
        while (cluster.state().blocks().hasGlobalBlock(GatewayService.STATE_NOT_RECOVERED_BLOCK)) {
            Thread.sleep(20);
        }
        node.client().admin().cluster().prepareHealth()
            .setWaitForEvents(Priority.LANGUID).setWaitForYellowStatus().get(TimeValue.timeValueSeconds(60));
    }
}
